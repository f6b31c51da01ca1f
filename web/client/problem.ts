import type { Problem } from './schema.ts';

/** The API refused a request, or responded with an error: RFC 9457 problem details. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  /** Undefined where the gateway responded in place of the API. */
  readonly problem: Problem | undefined;
  /** Seconds to wait before the next try, where the response has `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(response: Response, body: unknown) {
    const problem = isProblem(body) ? body : undefined;
    super(problem?.detail ?? `The API responded ${response.status}.`);
    this.status = response.status;
    this.problem = problem;
    const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    this.retryAfterSeconds = Number.isNaN(seconds) ? undefined : seconds;
  }

  get code(): string | undefined {
    return this.problem?.code;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * Returns the body of a successful response; undefined for one without a body.
 *
 * @throws ProblemError for any other response; TypeError where the network failed, as `fetch` does.
 */
export async function requireData<T>(request: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok || error !== undefined) throw new ProblemError(response, error);
  // A response without a body has the type undefined.
  return data as T;
}
