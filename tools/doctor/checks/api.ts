import { type DeployedStage, deployCommand, outputOf } from '../deployed-stage.ts';
import { type Finding, problem } from '../finding.ts';

/** Longer than a cold start, with room for a slow line. */
const TIMEOUT_MS = 10_000;
/** Any provider of the catalog. */
const ICON = '/v1/providers/trello/icon.svg';
const PROVIDERS = '/v1/providers';

/**
 * Checks that the API answers under its addresses: a public request with its resource, one without token with 401 and,
 * where `CONNECTIONS_TOKEN` has an access token, the list of providers.
 */
export async function checkApi(stage: DeployedStage): Promise<readonly Finding[]> {
  const urls = new Set([outputOf(stage, 'ApiUrl'), stage.settings?.apiUrl]);
  const token = process.env.CONNECTIONS_TOKEN;
  const findings: (Finding | undefined)[] = [];
  for (const url of urls) {
    if (url === undefined) continue;
    const expectStatus = (path: string, status: number, headers = {}) =>
      request(stage, `${url}${path}`, { status, headers });
    findings.push(await expectStatus(ICON, 200), await expectStatus(PROVIDERS, 401));
    if (token) findings.push(await expectStatus(PROVIDERS, 200, { authorization: `Bearer ${token}` }));
  }
  return findings.filter((finding) => finding !== undefined);
}

async function request(
  stage: DeployedStage,
  url: string,
  { status, headers }: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
): Promise<Finding | undefined> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (response.status === status) return undefined;
    const page = response.status >= 500 ? 'docs/operations.md#api-errors' : deployCommand(stage);
    return problem(`GET ${url} has the status ${response.status} instead of ${status}`, page);
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error('unknown error');
    const reason = cause instanceof Error ? cause.message : message;
    return problem(`GET ${url} fails (${reason})`, `curl -v ${url}`);
  }
}
