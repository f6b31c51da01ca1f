import type { App } from 'aws-cdk-lib';
import type { CodeSource } from './constructs/stage-context.ts';
import { stageTags } from './naming.ts';
import type { Settings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { DataStack } from './stacks/data.ts';
import { MessagesStack } from './stacks/messages.ts';
import { OperationsStack } from './stacks/operations.ts';

/** Stacks of a stage. */
export interface Deployment {
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
}

/** Adds the stacks of a stage to an app. */
export function addStacks(app: App, settings: Settings, codeFor: CodeSource): Deployment {
  const stackProps = {
    ...(settings.deployTo && { env: settings.deployTo }),
    tags: stageTags(settings),
  };
  const data = new DataStack(app, settings, stackProps);
  const messages = new MessagesStack(app, settings, stackProps);
  const api = new ApiStack(app, { ...stackProps, settings, data, messages, codeFor });
  const operations = new OperationsStack(app, { ...stackProps, settings, data, messages, api });
  return { data, messages, api, operations };
}
