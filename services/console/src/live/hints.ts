/** What the gateway's event stream says: that something changed, never what it is now. */
export type Hint =
  | { kind: "conversations"; ids: number[] }
  | { kind: "connection"; id: number }
  | { kind: "run"; id: number; parentId: number | null; ended: boolean }
  | { kind: "resync" };

export const EVENT_NAMES = ["conversation", "connection", "run", "resync"] as const;

/** An event that is not understood hints at everything. */
export function readHint(name: string, data: string): Hint {
  const fields = readFields(data);
  switch (name) {
    case "conversation": {
      const ids = fields["conversation_ids"];
      if (Array.isArray(ids)) return { kind: "conversations", ids: ids.filter(id => typeof id === "number") };
      break;
    }
    case "connection": {
      const id = fields["connection_id"];
      if (typeof id === "number") return { kind: "connection", id };
      break;
    }
    case "run": {
      const { run_id: id, parent_run_id: parent, ended } = fields;
      if (typeof id === "number") {
        return { kind: "run", id, parentId: typeof parent === "number" ? parent : null, ended: ended === true };
      }
      break;
    }
  }
  return { kind: "resync" };
}

function readFields(data: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(data);
    return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
