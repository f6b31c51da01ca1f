import { Stack, type StackProps } from 'aws-cdk-lib';
import { CodePipeline, CodePipelineSource, type FileSet, ShellStep, type Step } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Platform } from './platform.ts';

const SOURCE_CONNECTION =
  'arn:aws:codeconnections:eu-central-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef';

interface PipelineProps extends StackProps {
  readonly platform: Platform;
}

/** Pipeline that deploys the platform at each push, and checks the API afterwards. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { platform, ...props }: PipelineProps) {
    super(scope, id, props);
    const source = CodePipelineSource.connection('platform/infrastructure', 'main', {
      connectionArn: SOURCE_CONNECTION,
    });
    const synth = new ShellStep('Synth', {
      input: withFiles(source),
      commands: ['npm ci', 'npx cdk synth'],
      primaryOutputDirectory: 'cdk.out',
    });
    const pipeline = new CodePipeline(this, 'Pipeline', {
      synth: withFiles(synth),
      // An action for each of over forty functions would exceed what a stage of a pipeline may have.
      publishAssetsInParallel: false,
    });
    pipeline.addStage(platform, { post: [smoke(platform.connections.apiUrl)] });
    pipeline.buildPipeline();
  }
}

/** Narrows a step to one with files, for the compiler's `exactOptionalPropertyTypes`; without it, the step itself does. */
function withFiles<S extends Step>(step: S): S & { readonly primaryOutput: FileSet } {
  if (!hasFiles(step)) throw new Error(`The step ${step.id} has no files.`);
  return step;
}

function hasFiles<S extends Step>(step: S): step is S & { readonly primaryOutput: FileSet } {
  return step.primaryOutput !== undefined;
}

/** Requests a public route, and one of users without a token. `npm run smoke` of this repository checks more. */
function smoke(apiUrl: string): ShellStep {
  const status = (path: string) => `"$(curl -s -o /dev/null -w '%{http_code}' "$API_URL${path}")"`;
  return new ShellStep('Smoke', {
    env: { API_URL: apiUrl },
    commands: [
      `test ${status('/v1/providers/trello/icon.svg')} = 200`,
      `test ${status('/v1/projects')} = 401`,
    ],
  });
}
