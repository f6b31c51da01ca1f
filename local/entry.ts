import type { Context } from 'aws-lambda';

/** The handler of a Lambda function, as the service that invokes it knows it. */
export type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** The handler in an entry file below `functions/`; which events it takes, its folder says. */
export async function loadHandler<Event, Result>(entry: string): Promise<Handler<Event, Result>> {
  const file = new URL(`../functions/${entry}.ts`, import.meta.url);
  const module: { readonly handler: Handler<Event, Result> } = await import(file.href);
  return module.handler;
}
