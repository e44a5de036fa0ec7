import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { brokenConnectionsQuery, connectionQuery, connectionsQuery, unconnectedQuery } from "./connections/queries";
import { runQuery } from "./connect/queries";
import { conversationQuery, conversationsQuery } from "./inbox/conversations";
import { messagesQuery } from "./inbox/messages";
import { CrashedPage, NotFoundPage } from "./shell/DeadEnds";
import { queryClient } from "./query_client";
import { meQuery } from "./session/me";
import { Shell } from "./shell/Shell";
import { healthQuery } from "./status/queries";
import { parkedQuery } from "./parked/queries";
import { activeRunsQuery, runsQuery } from "./sync/queries";

/** What a route shows is asked for while its code is still loading, so that nothing waits for two in a row. */
const root = createRootRoute({ notFoundComponent: NotFoundPage });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, "error"),
    ...text(search, "return_to"),
    ...flag(search, "ended"),
    ...flag(search, "left"),
  }),
  component: lazyRouteComponent(() => import("./login/LoginPage"), "LoginPage"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  loader: () => {
    void queryClient.prefetchQuery(meQuery);
    void queryClient.prefetchQuery(brokenConnectionsQuery);
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox/{-$conversation}", params: { conversation: undefined }, replace: true });
  },
});

const connect = createRoute({
  getParentRoute: () => shell,
  path: "/connect/$run",
  params: { parse: ({ run }) => ({ run: id(run) }), stringify: ({ run }) => ({ run: String(run) }) },
  validateSearch: (search: Record<string, unknown>) => text(search, "return_to"),
  loader: ({ params }) => void queryClient.prefetchQuery(runQuery(params.run)),
  component: lazyRouteComponent(() => import("./connect/ConnectPage"), "ConnectPage"),
});

const inbox = createRoute({
  getParentRoute: () => shell,
  path: "/inbox/{-$conversation}",
  params: {
    parse: ({ conversation }) => ({ conversation: conversation === undefined ? undefined : id(conversation) }),
    stringify: ({ conversation }) => ({ conversation: conversation === undefined ? undefined : String(conversation) }),
  },
  validateSearch: (search: Record<string, unknown>) => ({
    ...flag(search, "unread"),
    ...number(search, "connection"),
    ...flag(search, "contact"),
    ...searched(search, "q"),
  }),
  loaderDeps: ({ search: { unread, connection } }) => ({ unread, connection }),
  loader: ({ params, deps }) => {
    void queryClient.prefetchInfiniteQuery(conversationsQuery(deps));
    if (params.conversation === undefined) return;
    void queryClient.prefetchInfiniteQuery(messagesQuery(params.conversation));
    void queryClient.prefetchQuery(conversationQuery(params.conversation));
  },
  component: lazyRouteComponent(() => import("./inbox/InboxPage"), "InboxPage"),
});

const connections = createRoute({
  getParentRoute: () => shell,
  path: "/connections",
  loader: () => {
    void queryClient.prefetchInfiniteQuery(connectionsQuery);
    void queryClient.prefetchQuery(unconnectedQuery);
  },
  component: lazyRouteComponent(() => import("./connections/ConnectionsPage"), "ConnectionsPage"),
});

const connection = createRoute({
  getParentRoute: () => shell,
  path: "/connections/$id",
  params: { parse: params => ({ id: id(params.id) }), stringify: params => ({ id: String(params.id) }) },
  loader: ({ params }) => void queryClient.prefetchQuery(connectionQuery(params.id)),
  component: lazyRouteComponent(() => import("./connections/ConnectionPage"), "ConnectionPage"),
});

const sync = createRoute({
  getParentRoute: () => shell,
  path: "/sync",
  validateSearch: (search: Record<string, unknown>) => ({
    ...number(search, "page"),
    ...text(search, "kind"),
    ...text(search, "state"),
    ...text(search, "range"),
  }),
  loaderDeps: ({ search: { page, kind, state } }) => ({ page, kind, state }),
  loader: ({ deps }) => {
    void queryClient.prefetchInfiniteQuery(connectionsQuery);
    void queryClient.prefetchQuery(activeRunsQuery);
    void queryClient.prefetchInfiniteQuery(runsQuery(deps));
  },
  component: lazyRouteComponent(() => import("./sync/SyncPage"), "SyncPage"),
});

const run = createRoute({
  getParentRoute: () => shell,
  path: "/sync/runs/$id",
  params: { parse: params => ({ id: id(params.id) }), stringify: params => ({ id: String(params.id) }) },
  loader: ({ params }) => void queryClient.prefetchQuery(runQuery(params.id)),
  component: lazyRouteComponent(() => import("./sync/RunPage"), "RunPage"),
});

const parked = createRoute({
  getParentRoute: () => shell,
  path: "/sync/parked",
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, "queue"),
    ...number(search, "page"),
    ...searched(search, "reason"),
    ...text(search, "age"),
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => void queryClient.prefetchInfiniteQuery(parkedQuery(deps)),
  component: lazyRouteComponent(() => import("./parked/ParkedPage"), "ParkedPage"),
});

const status = createRoute({
  getParentRoute: () => shell,
  path: "/status",
  loader: () => void queryClient.prefetchQuery(healthQuery),
  component: lazyRouteComponent(() => import("./status/StatusPage"), "StatusPage"),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/SettingsPage"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    home,
    shell.addChildren([connect, inbox, connections, connection, sync, run, parked, status, settings]),
  ]),
  defaultErrorComponent: CrashedPage,
  defaultNotFoundComponent: NotFoundPage,
  defaultPreload: "intent",
  defaultPendingMs: 150,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** An id of ours in an address. Anything else is an address of nothing: the gateway answers 404 to 0. */
function id(segment: string): number {
  return /^\d{1,15}$/u.test(segment) ? Number(segment) : 0;
}

function text<Name extends string>(search: Record<string, unknown>, name: Name): { [key in Name]?: string } {
  const value = search[name];
  return (typeof value === "string" ? { [name]: value } : {}) as { [key in Name]?: string };
}

function flag<Name extends string>(search: Record<string, unknown>, name: Name): { [key in Name]?: true } {
  return (search[name] === true || search[name] === "true" ? { [name]: true } : {}) as { [key in Name]?: true };
}

function number<Name extends string>(search: Record<string, unknown>, name: Name): { [key in Name]?: number } {
  const value = search[name];
  return (Number.isSafeInteger(value) ? { [name]: value } : {}) as { [key in Name]?: number };
}

/** Words to search for; an address whose words are a number or true says so too. */
function searched<Name extends string>(search: Record<string, unknown>, name: Name): { [key in Name]?: string } {
  const value = search[name];
  const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  return (typeof text === "string" && text.trim() ? { [name]: text } : {}) as { [key in Name]?: string };
}
