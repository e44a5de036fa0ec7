import type { components } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Account = Schemas["Account"];
export type ApiKey = Schemas["ApiKey"];
export type CreatedApiKey = Schemas["CreatedApiKey"];
export type Connection = Schemas["Connection"];
export type ConnectionState = Connection["state"];
export type ConnectionReason = NonNullable<Connection["reason"]>;
export type UnconnectedPage = Schemas["UnconnectedPage"];
export type GrantablePage = Schemas["GrantablePage"];
export type Run = Schemas["Run"];
export type RunList = Schemas["RunList"];
export type SyncHistory = Schemas["SyncHistory"];
export type GraphUsage = Schemas["GraphUsage"];
export type ParkedEntry = Schemas["ParkedEntry"];
export type Incident = Schemas["Incident"];
export type Conversation = Schemas["Conversation"];
export type ConversationList = Schemas["ConversationList"];
export type Message = Schemas["Message"];
export type MessageList = Schemas["MessageList"];
export type Attachment = Schemas["Attachment"];
export type SystemHealth = Schemas["SystemHealth"];
export type CheckStatus = Schemas["CheckStatus"];
