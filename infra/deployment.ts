import type { App } from 'aws-cdk-lib';
import type { CodeOf } from './constructs/house.ts';
import type { Settings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { DataStack } from './stacks/data.ts';
import { MessagesStack } from './stacks/messages.ts';
import { OperationsStack } from './stacks/operations.ts';

/** The stacks of a stage. */
export interface Deployment {
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
}

/** Declares the stacks of a stage. */
export function declareStacks(app: App, settings: Settings, codeOf: CodeOf): Deployment {
  const env = settings.deployTo;
  const place = {
    ...(env && { env }),
    tags: { ...settings.tags, project: 'connections', stage: settings.stage },
  };
  const data = new DataStack(app, settings, place);
  const messages = new MessagesStack(app, settings, place);
  const api = new ApiStack(app, { ...place, settings, data, messages, codeOf });
  const operations = new OperationsStack(app, { ...place, settings, data, messages, api });
  return { data, messages, api, operations };
}
