import { Annotations } from 'aws-cdk-lib';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus, IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable, ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type Builds, builtParts } from './builds.ts';
import type { ExistingParts } from './existing-parts.ts';
import { resourceName, stageTags } from './naming.ts';
import { placeholdersOf } from './placeholders.ts';
import { parseSettings, SettingsError, type SettingsInput } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { ConsoleStack } from './stacks/console.ts';
import { DataStack } from './stacks/data.ts';
import { MessagesStack } from './stacks/messages.ts';
import { OperationsStack } from './stacks/operations.ts';

const CROSS_STACK_REFERENCES = '@aws-cdk/core:defaultCrossStackReferences';

/** Properties of {@link Connections}. */
export interface ConnectionsProps extends ExistingParts {
  /** Settings of the stage, as a file in `stages/` writes them. */
  readonly settings: SettingsInput;
  /** Built functions and console. @default those that the package holds, with the providers of the settings. */
  readonly builds?: Builds;
}

/**
 * The whole system, in an app or a `Stage`: up to five stacks below this construct. Their names begin with
 * `connections-<stage>-`, so that an account and Region has one construct for each name of a stage.
 */
export class Connections extends Construct {
  /** Address of the API, without a trailing slash. */
  readonly apiUrl: string;
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
    // The stacks refer to each other weakly, in an app without this flag of the CDK too (docs/decisions/0019).
    this.node.setContext(CROSS_STACK_REFERENCES, 'weak');
    const { settings: input, builds, ...existing } = props;
    const settings = parseSettings(input);
    if (settings.identity && existing.userPool) {
      throw new SettingsError('Settings: identity: must not be set beside a user pool');
    }
    const { codeFor, consoleFiles } = builds ?? builtParts(settings);
    if (settings.permissionsBoundary !== undefined) {
      PermissionsBoundary.of(this).apply(
        ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', settings.permissionsBoundary),
      );
    }
    const stack = (name: string) => resourceName(settings, name);
    const stackProps = (name: string) => ({
      stackName: stack(name),
      ...(settings.deployTo && { env: settings.deployTo }),
      tags: stageTags(settings),
    });
    const data = new DataStack(this, stack('data'), {
      ...stackProps('data'),
      ...{ settings, existing },
    });
    for (const { setting, text } of placeholdersOf(settings)) {
      Annotations.of(data).addWarningV2(`connections:placeholder:${setting}`, text);
    }
    const messages = new MessagesStack(this, stack('messages'), {
      ...stackProps('messages'),
      ...{ settings, existing },
    });
    const api = new ApiStack(this, stack('api'), {
      ...stackProps('api'),
      ...{ settings, data, messages, codeFor },
      network: existing.network,
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
      ...{ settings, data, messages, api, existing },
    });
    this.data = data;
    this.messages = messages;
    this.api = api;
    this.apiUrl = settings.apiUrl ?? api.api.httpApi.apiEndpoint;
  }

  /** Table in use: the stage's own, or the restored one of the settings. */
  get table(): Table | ITable {
    return this.data.table;
  }

  /** Bus that publishes connection events. */
  get eventBus(): EventBus | IEventBus {
    return this.messages.events.bus;
  }

  /** Topic that alarms publish to. */
  get alarmTopic(): ITopic {
    return this.operations.alarmTopic;
  }

  /** Topic of notices; undefined in a stage whose settings have no `notices`. */
  get noticesTopic(): ITopic | undefined {
    return this.messages.noticesTopic;
  }

  /** ARN pattern of the routes of the flow engine, for `execute-api:Invoke` in a policy. */
  get engineResource(): string {
    return this.api.api.engineResource;
  }

  /** Allows the flow engine's role to call its routes: to be issued credentials, and to report failures. */
  grantEngine(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: [this.engineResource],
    });
  }
}
