import type { components } from "./schema";

type Problem = Partial<components["schemas"]["Problem"]>;

/** An answer that is not a success, or none at all (`status` 0). */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";

  private constructor(
    readonly status: number,
    readonly problem: Problem,
    /** The answer as it came, where it was JSON. */
    readonly body: object,
    readonly requestId: string | null,
  ) {
    super(problem.title ?? `status ${status}`);
  }

  static async of(response: Response): Promise<RequestFailed> {
    const problem = await readProblem(response);
    return new RequestFailed(
      response.status,
      problem,
      problem,
      problem.request_id ?? response.headers.get("x-request-id"),
    );
  }

  static unreachable(): RequestFailed {
    return new RequestFailed(0, {}, {}, null);
  }
}

/** Proxies in between answer with pages of their own: such a body says nothing to a person. */
async function readProblem(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}
