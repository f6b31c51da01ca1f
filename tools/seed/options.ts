import { parseArgs } from 'node:util';
import type { ProviderMode } from '../../local/data-folder.ts';
import { projectId } from '../../shared/contract/http/schemas/primitives.ts';
import type { Seeding } from './fill.ts';
import { BLOCK } from './flows.ts';

export const HELP = `Fills a project directly in the table of local mode, running or not, for benchmarks.

  npm run seed -- --project big --connections 100000 --inactive 0.01

  --project <id>       the project to fill
  --connections <n>    how many connections, 1 to 1,000,000
  --inactive <share>   share that is inactive, 0 to 1; 0.01 unless given
  --expiring <share>   share of the active ones that expires within 14 days, 0 to 1; 0.05 unless given
  --flows <n>          how many flows use them; one for each three connections unless given
  --append             adds to a project that has connections already
  --seed <text>        other text, other data; the same arguments on the same day give the same data
  --at <time>          the time of the seeded state; today's midnight in UTC unless given
  --providers <kind>   "sandbox" unless given, or "real": which table, where local mode does not run

Ada becomes its administrator and Max a member. The connections have no history. In the sandbox, providers accept the
credentials of the active connections and refuse those of the others. With real providers there are no secrets: the
connections can be listed, searched, renamed, linked and unlinked, but a check or a reconnect finds no secret and
fails.
`;

export interface SeedOptions {
  readonly dataDir: string;
  readonly providers: ProviderMode;
  readonly seeding: Seeding;
}

const MOST = 1_000_000;

/**
 * Reads the arguments and the environment of `npm run seed`; null where help is requested.
 *
 * @throws Error with a message for the terminal.
 */
export function readSeedOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  now: Date,
): SeedOptions | null {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return null;
  const { providers } = values;
  if (providers !== 'sandbox' && providers !== 'real') {
    throw new Error(`--providers is "sandbox" or "real", not "${providers}".`);
  }
  const connections = whole('connections', values.connections, 1, MOST);
  const fewest = Math.ceil(connections / BLOCK);
  const flows = values.flows ?? String(Math.max(fewest, Math.ceil(connections / 3)));
  return {
    dataDir: environment.DATA_DIR ?? '.local',
    providers,
    seeding: {
      projectId: project(values.project),
      connections,
      inactive: share('inactive', values.inactive),
      expiring: share('expiring', values.expiring),
      flows: whole('flows', flows, fewest, MOST),
      append: values.append,
      seed: values.seed,
      at: moment(values.at ?? `${now.toISOString().slice(0, 10)}T00:00:00Z`),
    },
  };
}

const OPTIONS = {
  help: { type: 'boolean', default: false },
  project: { type: 'string' },
  connections: { type: 'string' },
  inactive: { type: 'string', default: '0.01' },
  expiring: { type: 'string', default: '0.05' },
  flows: { type: 'string' },
  append: { type: 'boolean', default: false },
  seed: { type: 'string', default: '' },
  at: { type: 'string' },
  providers: { type: 'string', default: 'sandbox' },
} as const;

function project(text: string | undefined): string {
  if (text === undefined) throw new Error('--project is missing; --help shows the options.');
  const id = projectId.safeParse(text);
  if (!id.success) throw new Error('--project is 1 to 128 characters of A-Z a-z 0-9 . _ : -');
  return id.data;
}

function whole(name: string, text: string | undefined, least: number, most: number): number {
  if (text === undefined) throw new Error(`--${name} is missing; --help shows the options.`);
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`--${name} is a whole number from ${least} to ${most}, not "${text}".`);
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value <= 1) return value;
  throw new Error(`--${name} is a share from 0 to 1, not "${text}".`);
}

function moment(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new Error(`--at is a time such as 2026-01-31T08:00:00Z, not "${text}".`);
  return at;
}
