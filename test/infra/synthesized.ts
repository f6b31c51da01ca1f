import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { afterAll } from 'vitest';
import * as z from 'zod';
import { addStacks, type Deployment } from '../../infra/deployment.ts';
import { readSettings, type SettingsInput } from '../../infra/settings.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const { context } = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')));

export interface SynthesizedStage extends Deployment {
  readonly app: App;
}

/** Where the app writes its templates. */
const scratch = mkdtempSync(join(tmpdir(), 'synthesised-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Declares a stage as `cdk synth` would, but for the code, which nothing here looks at. */
export function synthesizeStage(changes: Partial<SettingsInput> = {}): SynthesizedStage {
  const app = new App({
    context,
    outdir: mkdtempSync(join(scratch, 'out-')),
    // CloudFormation's own rules take seconds; `cdk synth` has them run, and stops at what they find.
    builtinCloudFormationValidation: false,
    treeMetadata: false,
    analyticsReporting: false,
  });
  const settings = readSettings({ test: { ...VALID_SETTINGS, ...changes } }, 'test');
  return { app, ...addStacks(app, settings, () => Code.fromInline('//')) };
}

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.optional(z.record(z.string(), z.unknown())),
      DeletionPolicy: z.optional(z.string()),
      UpdateReplacePolicy: z.optional(z.string()),
    }),
  ),
});

export type Resource = z.output<typeof template>['Resources'][string] & { readonly id: string };

/** The resources of one type, as CloudFormation gets them. */
export function findResources(stack: Stack, type?: string): readonly Resource[] {
  const { Resources } = template.parse(Template.fromStack(stack).toJSON());
  return Object.entries(Resources)
    .map(([id, resource]) => ({ id, ...resource }))
    .filter((resource) => type === undefined || resource.Type === type);
}

/** The properties of each resource of one type, parsed. */
export function parseProperties<S extends z.ZodType>(stack: Stack, type: string, schema: S): z.output<S>[] {
  return findResources(stack, type).map(({ Properties }) => schema.parse(Properties ?? {}));
}
