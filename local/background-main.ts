import { setPriority } from 'node:os';
import {
  type BackgroundFunctions,
  type BackgroundOptions,
  type BackgroundServers,
  type FunctionSettings,
  startBackground,
} from './background.ts';

/** A request of the parent to this process. */
export type Call =
  | { readonly name: 'startServers'; readonly options: Omit<BackgroundOptions, 'onNotice' | 'onError'> }
  | { readonly name: 'startFunctions'; readonly settings: FunctionSettings }
  | { readonly name: 'run'; readonly schedule: string; readonly at: string; readonly id: string | undefined }
  | { readonly name: 'whenIdle' | 'closeFunctions' | 'closeServers' };

let servers: BackgroundServers | undefined;
let functions: BackgroundFunctions | undefined;

async function respond(request: Call): Promise<unknown> {
  if (request.name === 'startServers') {
    servers = await startBackground({
      ...request.options,
      onNotice: (notice) => process.send?.({ notice }),
      onError: (where, error) => process.send?.({ where, error: messageOf(error) }),
    });
    return servers.addresses;
  }
  if (!servers) throw new Error('The servers have not been started.');
  if (request.name === 'startFunctions') {
    functions = await servers.startFunctions(request.settings);
    return functions.names;
  }
  if (request.name === 'closeServers') return servers.close();
  if (!functions) throw new Error('The functions have not been started.');
  if (request.name === 'run') return functions.run(request.schedule, new Date(request.at), request.id);
  if (request.name === 'whenIdle') return functions.whenIdle();
  return functions.close();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Niceness of the process, a third of the share of any other one on a busy machine. On AWS, what runs here has machines of
 * its own; on this one, the API and the table's engine come first.
 */
const NICENESS = 5;

setPriority(NICENESS);
// The parent is of the same version of the project, so that its messages are not parsed.
process.on(
  'message',
  async ({ number: call, request }: { readonly number: number; readonly request: Call }) => {
    try {
      process.send?.({ call, result: await respond(request) });
    } catch (error) {
      process.send?.({ call, failure: messageOf(error) });
    }
    if (request.name === 'closeServers') process.disconnect();
  },
);
// The parent ended, by itself or killed.
process.on('disconnect', () => process.exit());
// A terminal sends it to both processes; the parent closes this one once its requests have ended.
process.on('SIGINT', () => undefined);
