import { App, type AppProps } from 'aws-cdk-lib';
import type { Builds } from '../index.ts';
import { PipelineStack } from './pipeline.ts';
import { EU, Platform } from './platform.ts';

/** The example's app. Without `builds`, the functions and the console are those that the package holds. */
export function exampleApp(
  builds?: Builds,
  props?: AppProps,
): { readonly app: App; readonly platform: Platform } {
  const app = new App(props);
  const platform = new Platform(app, 'Live', { env: EU, ...(builds && { builds }) });
  return { app, platform };
}

/** Adds the pipeline that deploys the platform. It synthesizes the platform, which takes no more changes then. */
export function addPipeline({ app, platform }: ReturnType<typeof exampleApp>): PipelineStack {
  return new PipelineStack(app, 'Pipeline', { env: EU, platform });
}
