import {
  CfnElement,
  CfnOutput,
  DefaultStackSynthesizer,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, type ISource, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { type ConsoleConfig, cacheControl } from '../../shared/contract/console.ts';
import type { ConsoleSite } from '../constructs/console-site.ts';
import { environmentInFindings } from '../constructs/nag.ts';
import type { Settings } from '../settings.ts';

interface ConsoleStackProps extends StackProps {
  readonly settings: Settings;
  readonly site: ConsoleSite;
  readonly config: ConsoleConfig;
  /** Built files of the console. */
  readonly files: ISource;
}

/**
 * Files of the web console, with the configuration of the stage. Their distribution is part of the API stack; this stack
 * has what changes with each build, and the function of the CDK that copies it.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, { settings, site, config, files, ...props }: ConsoleStackProps) {
    super(scope, id, props);
    const { bucket, distribution, url } = site;
    const destination = {
      destinationBucket: bucket,
      // Open pages still load files of the former build, whose names have other hashes.
      prune: false,
      retainOnDelete: settings.whenDeleted === 'keep',
    };
    const assets = new BucketDeployment(this, 'Assets', {
      ...destination,
      sources: [files],
      exclude: ['*'],
      include: ['assets/*'],
      cacheControl: [CacheControl.fromString(cacheControl('/assets/'))],
    });
    const pages = new BucketDeployment(this, 'Pages', {
      ...destination,
      sources: [files, Source.jsonData('config.json', config)],
      exclude: ['assets/*'],
      cacheControl: [CacheControl.fromString(cacheControl('/index.html'))],
      distribution,
      distributionPaths: ['/*'],
    });
    // The page names assets, which must be there first.
    pages.node.addDependency(assets);
    new CfnOutput(this, 'ConsoleUrl', { value: url });
    new CfnOutput(this, 'ConsoleDomain', {
      value: distribution.distributionDomainName,
      description: 'Target of the DNS record of a domain of its own',
    });
    acknowledgeCopying(this, site);
  }
}

/** Returns the id of a bucket in its template, by which the id of a finding names it. */
function logicalIdOf(bucket: Bucket): string {
  const { defaultChild } = bucket.node;
  if (!CfnElement.isCfnElement(defaultChild)) throw new Error('The bucket has no resource.');
  return String(Stack.of(bucket).resolve(defaultChild.logicalId));
}

/** Acknowledges the findings of the CDK's own function that copies the files: the stack has no other. */
function acknowledgeCopying(stack: Stack, { bucket }: ConsoleSite): void {
  const { partition, region, account } = environmentInFindings(stack);
  const policy = `arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`;
  const assets = `cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-${account}-${region}`;
  const wildcards = [
    ...['GetBucket*', 'GetObject*', 'List*', 'Abort*', 'DeleteObject*'].map(
      (action) => `Action::s3:${action}`,
    ),
    `Resource::arn:${partition}:s3:::${assets}/*`,
    `Resource::<${logicalIdOf(bucket)}.Arn>/*`,
    // CloudFront's invalidations.
    'Resource::*',
  ];
  Validations.of(stack).acknowledge(
    {
      id: `AwsSolutions-IAM4[Policy::${policy}]`,
      reason: 'The CDK gives its function that copies files the managed policy for logs.',
    },
    { id: 'AwsSolutions-L1', reason: 'The CDK chooses the runtime of its function that copies files.' },
    ...wildcards.map((wildcard) => ({
      id: `AwsSolutions-IAM5[${wildcard}]`,
      reason: 'The CDK lets its function that copies files read its assets and write to this bucket alone.',
    })),
  );
}
