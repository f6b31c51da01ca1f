import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { SettingsInput } from '../../infra/settings.ts';
import { SECURITY_HEADERS } from '../../shared/contract/console.ts';
import { findResources, parseProperties, type SynthesizedStage, synthesizeStage } from './synthesized.ts';

const CLIENT = { clientId: 'connections-console' };
const stage = synthesizeStage();
const withoutDomain = synthesizeStage({ console: CLIENT });
const withUserPool = synthesizeStage({ identity: undefined, console: {}, allowedOrigins: [] });

const API_ORIGIN = /^https:\/\/\{Ref\}\.execute-api\.\{AWS::Region\}\.\{AWS::URLSuffix\}$/;

/** Joins the parts of a value that the deployment resolves, with references in braces. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }).safeParse(value);
  if (join.success) return join.data['Fn::Join'][1].map(textOf).join('');
  const reference = z.object({ Ref: z.string() }).safeParse(value);
  if (!reference.success) return `{${JSON.stringify(value)}}`;
  return reference.data.Ref.startsWith('AWS::') ? `{${reference.data.Ref}}` : '{Ref}';
}

const distributionProperties = z.object({
  DistributionConfig: z.looseObject({
    Aliases: z.array(z.string()).optional(),
    DefaultCacheBehavior: z.looseObject({
      TargetOriginId: z.string(),
      ResponseHeadersPolicyId: z.unknown(),
      FunctionAssociations: z.array(z.looseObject({ EventType: z.string() })),
    }),
    CacheBehaviors: z.array(z.looseObject({ PathPattern: z.string(), TargetOriginId: z.string() })),
    Origins: z.array(
      z.looseObject({
        Id: z.string(),
        DomainName: z.unknown(),
        OriginAccessControlId: z.unknown().optional(),
      }),
    ),
    ViewerCertificate: z.unknown().optional(),
    CustomErrorResponses: z.unknown().optional(),
  }),
});

function distributionOf({ api }: SynthesizedStage) {
  const [properties, ...others] = parseProperties(
    api,
    'AWS::CloudFront::Distribution',
    distributionProperties,
  );
  expect(others).toEqual([]);
  if (!properties) throw new Error('There is no distribution.');
  return properties.DistributionConfig;
}

describe('the distribution', () => {
  const { DefaultCacheBehavior: files, CacheBehaviors: behaviors, Origins: origins } = distributionOf(stage);
  const originOf = (id: string) => origins.find(({ Id }) => Id === id);

  test('serves the files of a private bucket by origin access control', () => {
    expect(originOf(files.TargetOriginId)?.OriginAccessControlId).toEqual({
      'Fn::GetAtt': [expect.stringContaining('OriginAccessControl'), 'Id'],
    });
    expect(parseProperties(stage.api, 'AWS::S3::Bucket', z.unknown())).toEqual([
      expect.objectContaining({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
    ]);
    const [policy] = findResources(stage.api, 'AWS::S3::BucketPolicy');
    const allowed = z
      .object({ PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Effect: z.string() })) }) })
      .parse(policy?.Properties)
      .PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
      }),
    ]);
  });

  test('passes requests below /v1/ to the API, uncached, with all headers but the host', () => {
    expect(behaviors).toEqual([
      expect.objectContaining({
        PathPattern: '/v1/*',
        AllowedMethods: expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
        // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
        ViewerProtocolPolicy: 'https-only',
      }),
    ]);
    const domain = originOf(behaviors[0]?.TargetOriginId ?? '')?.DomainName;
    expect(`https://${textOf(domain)}`).toMatch(API_ORIGIN);
  });

  test('keeps the status of every response: no error page covers a 403 or 404 of the API', () => {
    expect(distributionOf(stage).CustomErrorResponses).toBeUndefined();
  });

  test.each([
    ['/', '/index.html'],
    ['/projects/demo/connections', '/index.html'],
    ['/projects/my.project', '/index.html'],
    ['/signed-in', '/index.html'],
    ['/index.html', '/index.html'],
    ['/config.json', '/config.json'],
    ['/assets/page-1a2b.js', '/assets/page-1a2b.js'],
  ])('serves for %s the file %s', (uri, file) => {
    expect(files.FunctionAssociations).toEqual([expect.objectContaining({ EventType: 'viewer-request' })]);
    const [pages] = parseProperties(
      stage.api,
      'AWS::CloudFront::Function',
      z.object({ FunctionCode: z.string() }),
    );
    const handler: unknown = new Function(`${pages?.FunctionCode}; return handler;`)();
    if (typeof handler !== 'function') throw new Error('There is no handler.');
    expect(handler({ request: { uri } })).toEqual({ uri: file });
  });

  test('has the domain and the certificate of the settings, with TLS 1.2 at least', () => {
    const { Aliases, ViewerCertificate } = distributionOf(stage);
    expect(Aliases).toEqual(['console.example.com']);
    expect(ViewerCertificate).toMatchObject({
      AcmCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
      MinimumProtocolVersion: 'TLSv1.2_2021',
    });
    expect(distributionOf(withoutDomain).Aliases).toBeUndefined();
  });
});

describe('the headers of files', () => {
  const headersSchema = z.object({
    ResponseHeadersPolicyConfig: z.object({
      SecurityHeadersConfig: z.looseObject({
        ContentSecurityPolicy: z.object({ ContentSecurityPolicy: z.unknown() }),
        ReferrerPolicy: z.object({ ReferrerPolicy: z.string() }),
        FrameOptions: z.object({ FrameOption: z.string() }),
      }),
      CustomHeadersConfig: z.object({ Items: z.array(z.object({ Header: z.string(), Value: z.string() })) }),
    }),
  });
  const headersOf = (stack: Stack) => {
    const [policy] = parseProperties(stack, 'AWS::CloudFront::ResponseHeadersPolicy', headersSchema);
    if (!policy) throw new Error('There is no headers policy.');
    return policy.ResponseHeadersPolicyConfig;
  };
  const directivesOf = (stack: Stack) => {
    const { ContentSecurityPolicy } = headersOf(stack).SecurityHeadersConfig;
    const policy = textOf(ContentSecurityPolicy.ContentSecurityPolicy);
    return new Map(
      policy.split('; ').map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
    );
  };

  test('allow scripts of the console alone, which may call the API and the issuer', () => {
    const directives = directivesOf(stage.api);
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    // The API has the console's own origin.
    expect(directives.get('connect-src')).toEqual(["'self'", 'https://issuer.example.com']);
    expect(directives.get('img-src')).toEqual([
      "'self'",
      'data:',
      expect.stringMatching(/GetAtt.*"ApiEndpoint"/),
    ]);
  });

  test('allow the origins of the settings: of the issuer’s endpoints, and of icons', () => {
    const { api } = synthesizeStage({
      apiUrl: 'https://api.example.com/connections',
      console: { ...CLIENT, issuerOrigins: ['https://tokens.example.com'] },
    });
    const directives = directivesOf(api);
    expect(directives.get('connect-src')).toEqual([
      "'self'",
      'https://issuer.example.com',
      'https://tokens.example.com',
    ]);
    expect(directives.get('img-src')).toEqual(["'self'", 'data:', 'https://api.example.com']);
  });

  test('allow calls to the user pool and its sign-in page', () => {
    expect(directivesOf(withUserPool.api).get('connect-src')).toEqual([
      "'self'",
      'https://cognito-idp.{AWS::Region}.amazonaws.com',
      expect.stringMatching(/^https:\/\/.*\.auth\.\{AWS::Region\}\.amazoncognito\.com$/),
    ]);
  });

  test('are those of local mode', () => {
    const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = headersOf(stage.api);
    expect({
      'referrer-policy': security.ReferrerPolicy.ReferrerPolicy,
      'x-frame-options': security.FrameOptions.FrameOption,
      ...Object.fromEntries(custom.Items.map(({ Header, Value }) => [Header, Value])),
      'x-content-type-options': 'ContentTypeOptions' in security ? 'nosniff' : '',
    }).toEqual(SECURITY_HEADERS);
    expect(security.StrictTransportSecurity).toMatchObject({ AccessControlMaxAgeSec: 63_072_000 });
  });
});

describe('the files', () => {
  const deployments = parseProperties(
    stage.console ?? stage.api,
    'Custom::CDKBucketDeployment',
    z.looseObject({
      SystemMetadata: z.object({ 'cache-control': z.string() }),
      DistributionPaths: z.unknown().optional(),
    }),
  );

  test('with a hash in their name are cached for a year; the others are asked for each time', () => {
    expect(deployments).toEqual([
      expect.objectContaining({
        Exclude: ['*'],
        Include: ['assets/*'],
        SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
      }),
      expect.objectContaining({
        Exclude: ['assets/*'],
        SystemMetadata: { 'cache-control': 'no-cache' },
        DistributionPaths: ['/*'],
      }),
    ]);
  });

  test('include the configuration: the address of the console, its client and its scopes', () => {
    const [file, ...others] = globSync(join(stage.app.outdir, 'asset.*/config.json'));
    expect(others).toEqual([]);
    expect(JSON.parse(readFileSync(file ?? '', 'utf8'))).toEqual({
      apiUrl: 'https://console.example.com',
      issuer: 'https://issuer.example.com/',
      clientId: 'connections-console',
      scope: 'openid profile email',
    });
  });
});

describe('sign-in', () => {
  test('has a client of its own in the user pool, which returns to the console and whose tokens the API accepts', () => {
    const [client] = findResources(withUserPool.api, 'AWS::Cognito::UserPoolClient');
    expect(findResources(withUserPool.data, 'AWS::Cognito::UserPoolClient')).toEqual([]);
    const urls = z
      .object({ CallbackURLs: z.array(z.unknown()), LogoutURLs: z.array(z.unknown()) })
      .parse(client?.Properties);
    expect(urls.CallbackURLs.map(textOf)).toEqual([expect.stringMatching(/^https:\/\/\{.*\}\/signed-in$/)]);
    expect(urls.LogoutURLs.map(textOf)).toEqual([expect.stringMatching(/^https:\/\/\{.*\}\/signed-out$/)]);
    expect(client?.Properties).toMatchObject({
      AllowedOAuthFlows: ['code'],
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED' },
    });
    expect(client?.Properties).not.toHaveProperty('GenerateSecret', true);
    expect(parseProperties(withUserPool.api, 'AWS::Cognito::ManagedLoginBranding', z.unknown())).toEqual([
      expect.objectContaining({ ClientId: { Ref: client?.id } }),
    ]);
    expect(parseProperties(withUserPool.api, 'AWS::ApiGatewayV2::Authorizer', z.unknown())).toEqual([
      expect.objectContaining({
        JwtConfiguration: expect.objectContaining({ Audience: [{ Ref: client?.id }] }),
      }),
    ]);
  });
});

describe('notices', () => {
  const consoleUrlOf = (changes: Partial<SettingsInput>): unknown => {
    const functions = parseProperties(
      synthesizeStage(changes).api,
      'AWS::Lambda::Function',
      z.object({
        FunctionName: z.string(),
        Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
      }),
    );
    const notify = functions.find(({ FunctionName }) => FunctionName.endsWith('-notify'));
    return notify?.Environment.Variables.CONSOLE_URL;
  };

  test('link to the console, to the page of the settings, or nowhere', () => {
    const notices = { emails: ['flows@example.com'] };
    const linksTo = 'https://platform.example.com/settings';
    expect(consoleUrlOf({})).toBe('https://console.example.com');
    expect(textOf(consoleUrlOf({ console: CLIENT }))).toMatch(/^https:\/\/\{.*DomainName.*\}$/);
    expect(consoleUrlOf({ notices: { ...notices, linksTo } })).toBe(linksTo);
    expect(consoleUrlOf({ notices: { ...notices, linksTo }, console: false })).toBe(linksTo);
    expect(consoleUrlOf({ console: false })).toBeUndefined();
  });
});

test('a stage without a console has none of it', () => {
  const { api, console } = synthesizeStage({ console: false });
  expect(console).toBeUndefined();
  expect(findResources(api, 'AWS::CloudFront::Distribution')).toEqual([]);
  expect(findResources(api, 'AWS::S3::Bucket')).toEqual([]);
});
