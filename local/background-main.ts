import { type Background, type BackgroundOptions, startBackground } from './background.ts';

/** A request of the parent to this process. */
export type Call =
  | { readonly name: 'start'; readonly options: Omit<BackgroundOptions, 'onError'> }
  | { readonly name: 'run'; readonly schedule: string; readonly at: string; readonly id: string | undefined }
  | { readonly name: 'drain' | 'close' };

let background: Background | undefined;

async function respond(request: Call): Promise<unknown> {
  if (request.name === 'start') {
    const onError = (where: string, error: unknown) => process.send?.({ where, error: messageOf(error) });
    background = await startBackground({ ...request.options, onError });
    return background.names;
  }
  if (!background) throw new Error('The background functions have not been started.');
  if (request.name === 'run') return background.run(request.schedule, new Date(request.at), request.id);
  if (request.name === 'drain') return background.drain();
  return background.close();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// The parent is of the same version of the project, so that its messages are not parsed.
process.on(
  'message',
  async ({ number: call, request }: { readonly number: number; readonly request: Call }) => {
    try {
      process.send?.({ call, result: await respond(request) });
    } catch (error) {
      process.send?.({ call, failure: messageOf(error) });
    }
    if (request.name === 'close') process.disconnect();
  },
);
// The parent ended, by itself or killed.
process.on('disconnect', () => process.exit());
// A terminal sends it to both processes; the parent closes this one once its requests have ended.
process.on('SIGINT', () => undefined);
