import { Annotations } from 'aws-cdk-lib';
import type { ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import type { CodeSource } from './constructs/stage-context.ts';
import { resourceName, stageTags } from './naming.ts';
import { placeholdersOf } from './placeholders.ts';
import { parseSettings, type SettingsInput } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { ConsoleStack } from './stacks/console.ts';
import { DataStack } from './stacks/data.ts';
import { MessagesStack } from './stacks/messages.ts';
import { OperationsStack } from './stacks/operations.ts';

/** Built parts of a deployment. */
interface Builds {
  readonly codeFor: CodeSource;
  /** Returns the built files of the console; called in a stage that has one. */
  readonly consoleFiles: () => ISource;
}

/** Properties of {@link Connections}. */
export interface ConnectionsProps {
  /** Settings of the stage, as a file in `stages/` writes them. */
  readonly settings: SettingsInput;
  readonly builds: Builds;
}

/**
 * The whole system, in an app or a `Stage`: up to five stacks below this construct. Their names begin with
 * `connections-<stage>-`, so that an account and Region has one construct for each name of a stage.
 */
export class Connections extends Construct {
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly api: ApiStack;
  readonly operations: OperationsStack;
  /** Undefined in a stage whose settings have no `console`. */
  readonly console: ConsoleStack | undefined;

  /**
   * @throws SettingsError with one line that names every invalid setting with its issue.
   */
  constructor(scope: Construct, id: string, props: ConnectionsProps) {
    super(scope, id);
    const settings = parseSettings(props.settings);
    const { codeFor, consoleFiles } = props.builds;
    const stack = (name: string) => resourceName(settings, name);
    const stackProps = (name: string) => ({
      stackName: stack(name),
      ...(settings.deployTo && { env: settings.deployTo }),
      tags: stageTags(settings),
    });
    const data = new DataStack(this, stack('data'), settings, stackProps('data'));
    for (const { setting, text } of placeholdersOf(settings)) {
      Annotations.of(data).addWarningV2(`connections:placeholder:${setting}`, text);
    }
    const messages = new MessagesStack(this, stack('messages'), settings, stackProps('messages'));
    const api = new ApiStack(this, stack('api'), {
      ...stackProps('api'),
      ...{ settings, data, messages, codeFor },
    });
    this.console =
      api.console &&
      new ConsoleStack(this, stack('console'), {
        ...stackProps('console'),
        ...api.console,
        settings,
        files: consoleFiles(),
      });
    this.operations = new OperationsStack(this, stack('operations'), {
      ...stackProps('operations'),
      ...{ settings, data, messages, api },
    });
    this.data = data;
    this.messages = messages;
    this.api = api;
  }
}
