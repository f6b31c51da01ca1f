import { Annotations, type App } from 'aws-cdk-lib';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';
import type { CodeSource } from './constructs/stage-context.ts';
import { stageTags } from './naming.ts';
import { placeholdersOf } from './placeholders.ts';
import type { Settings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { ConsoleStack } from './stacks/console.ts';
import { DataStack } from './stacks/data.ts';
import { MessagesStack } from './stacks/messages.ts';
import { OperationsStack } from './stacks/operations.ts';

/** Stacks of a stage. */
export interface Deployment {
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
  /** Undefined in a stage whose settings have no `console`. */
  readonly console: ConsoleStack | undefined;
}

/** Built parts of a deployment. */
export interface Builds {
  readonly codeFor: CodeSource;
  /** Returns the built files of the console; called in a stage that has one. */
  readonly consoleFiles: () => ISource;
}

/** Adds the stacks of a stage to an app, with a warning for each placeholder in its settings. */
export function addStacks(app: App, settings: Settings, builds: Builds): Deployment {
  const stackProps = {
    ...(settings.deployTo && { env: settings.deployTo }),
    tags: stageTags(settings),
  };
  const data = new DataStack(app, settings, stackProps);
  for (const { setting, text } of placeholdersOf(settings)) {
    Annotations.of(data).addWarningV2(`connections:placeholder:${setting}`, text);
  }
  const messages = new MessagesStack(app, settings, stackProps);
  const { codeFor, consoleFiles } = builds;
  const api = new ApiStack(app, { ...stackProps, settings, data, messages, codeFor });
  const console =
    api.console && new ConsoleStack(app, { ...stackProps, settings, ...api.console, files: consoleFiles() });
  const operations = new OperationsStack(app, { ...stackProps, settings, data, messages, api });
  return { data, messages, api, operations, console };
}
