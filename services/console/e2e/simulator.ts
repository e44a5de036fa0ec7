import { stack } from "./stack.ts";

interface SimulatedPage {
  id: string;
  name: string;
}

interface Written {
  psid: string;
  messages: { mid: string; timestamp: number }[];
}

/** The simulated Facebook's control API: customers write, tokens die. */
export const simulator = {
  async pageCalled(name: string): Promise<SimulatedPage> {
    const pages = await call<SimulatedPage[]>("GET", "/_sim/pages");
    const page = pages.find(candidate => candidate.name === name);
    if (!page) throw new Error(`no simulated Page is called ${name}`);
    return page;
  },
  async customerWrites(
    page: string,
    message: { psid?: string; customer_name?: string; text: string },
  ): Promise<Written> {
    const { id } = await this.pageCalled(page);
    return call("POST", `/_sim/pages/${id}/messages`, message);
  },
  /** Its sender writes it anew or takes it back, or the other side reacts. */
  async changes(
    page: string,
    mid: string,
    change: { text?: string; deleted?: true; reaction?: string },
  ): Promise<void> {
    const { id } = await this.pageCalled(page);
    await call("PATCH", `/_sim/pages/${id}/messages/${mid}`, change);
  },
  /** The customer presses a button, follows a link, or reads. */
  async customerActs(page: string, psid: string, act: object): Promise<void> {
    const { id } = await this.pageCalled(page);
    await call("POST", `/_sim/pages/${id}/customers/${psid}/events`, act);
  },
  /** Somebody answers in Facebook's own inbox. */
  async pageReplies(page: string, reply: { psid: string; text: string }): Promise<void> {
    const { id } = await this.pageCalled(page);
    await call("POST", `/_sim/pages/${id}/replies`, reply);
  },
  /** A webhook of a shape that nobody knows: it cannot be stored, and is kept for a person to see. */
  async sendsNonsense(page: string): Promise<void> {
    const { id } = await this.pageCalled(page);
    const messaging = { sender: 7, recipient: { id }, message: [] };
    await call("POST", "/_sim/webhooks/raw", { page: id, messaging });
  },
  /** Refuses all calls for a Page's conversations, in a way that trying again does not mend. */
  async refusesConversations(page: string): Promise<void> {
    const { id } = await this.pageCalled(page);
    const effect = { error: { status: 400, code: 100 } };
    await call("POST", "/_sim/faults", { page: id, path: "conversations", effect });
  },
  async refusesNothing(): Promise<void> {
    await call("DELETE", "/_sim/faults");
  },
  /** How long each call takes. */
  async answersAfter(ms: number): Promise<void> {
    await call("PUT", "/_sim/latency", { ms, jitter_ms: 0 });
  },
  /** All tokens that the person gave end. */
  async changesPassword(person: string): Promise<void> {
    await call("POST", "/_sim/tokens/kill", { person, reason: "password_changed" });
  },
  async customersOf(page: string): Promise<{ psid: string; name: string }[]> {
    const { id } = await this.pageCalled(page);
    return call("GET", `/_sim/pages/${id}/customers?limit=50`);
  },
};

async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(stack.graph_sim + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
