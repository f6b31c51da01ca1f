import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  type DistributionProps,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  API_PATH_PREFIX,
  contentSecurityPolicy,
  FILE_PATH,
  SECURITY_HEADERS,
} from '../../shared/contract/console.ts';
import type { ConsoleSettings } from '../console-settings.ts';
import { resourceName } from '../naming.ts';
import type { StageContext } from './stage-context.ts';

interface ConsoleSiteProps {
  readonly context: Pick<StageContext, 'settings' | 'removalPolicy'>;
  readonly console: ConsoleSettings;
  readonly httpApi: HttpApi;
  /** Origins of the issuer's endpoints. */
  readonly issuerOrigins: readonly string[];
}

/** Longer than API Gateway's own limit of 30 s. */
const API_RESPONSE_TIMEOUT = Duration.seconds(35);
const TWO_YEARS = Duration.days(730);

/** Serves `/index.html` for the address of a page, so that a page can be opened and reloaded by its address. */
const REWRITE_PAGES = `function handler(event) {
  var request = event.request;
  if (!${FILE_PATH}.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/** Private bucket of the console's files. */
class FilesBucket extends Bucket {
  // The interface of a bucket in the CDK allows no undefined here, under `exactOptionalPropertyTypes`.
  override get isWebsite(): boolean {
    return super.isWebsite ?? false;
  }
}

/**
 * CloudFront distribution of the web console: its files from a private bucket, and below `/v1/` the API. The console and
 * the API have one origin, so that browsers need no preflight request, and neither depends on the address of the other.
 */
export class ConsoleSite extends Construct {
  /** Address of the console, without a trailing slash. */
  readonly url: string;
  readonly bucket: FilesBucket;
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: ConsoleSiteProps) {
    super(scope, id);
    const { context, console } = props;
    this.bucket = new FilesBucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: context.removalPolicy,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'The bucket holds the built files of the console, which every visitor may read.',
    });
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `Connections console (${context.settings.stage})`,
      defaultBehavior: this.#filesBehavior(props),
      additionalBehaviors: { [`${API_PATH_PREFIX}*`]: apiBehavior(this, props.httpApi) },
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...this.#domain(console),
      ...(console.webAclArn !== undefined && { webAclId: console.webAclArn }),
    });
    this.url = `https://${console.domain?.name ?? this.distribution.distributionDomainName}`;
    acknowledgeFindings(this.distribution, console);
  }

  #filesBehavior(props: ConsoleSiteProps): BehaviorOptions {
    const code = FunctionCode.fromInline(REWRITE_PAGES);
    const pages = new EdgeFunction(this, 'Pages', { code, runtime: FunctionRuntime.JS_2_0 });
    return {
      origin: S3BucketOrigin.withOriginAccessControl(this.bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
      functionAssociations: [{ eventType: FunctionEventType.VIEWER_REQUEST, function: pages }],
      responseHeadersPolicy: securityHeaders(this, props),
    };
  }

  /** CloudFront's own domain has a certificate and protocols of CloudFront's choice. */
  #domain({ domain }: ConsoleSettings): Partial<DistributionProps> {
    if (domain === undefined) return {};
    const certificate = Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn);
    return {
      domainNames: [domain.name],
      certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }
}

function apiBehavior(scope: Construct, { apiId }: HttpApi): BehaviorOptions {
  const { region, urlSuffix } = Stack.of(scope);
  return {
    origin: new HttpOrigin(`${apiId}.execute-api.${region}.${urlSuffix}`, {
      readTimeout: API_RESPONSE_TIMEOUT,
    }),
    allowedMethods: AllowedMethods.ALLOW_ALL,
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    // API Gateway finds the API by the host, so that it must be its own.
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  };
}

function securityHeaders(scope: Construct, props: ConsoleSiteProps): ResponseHeadersPolicy {
  const { context, httpApi, issuerOrigins } = props;
  const { apiUrl } = context.settings;
  const iconsFrom = apiUrl === undefined ? httpApi.apiEndpoint : new URL(apiUrl).origin;
  return new ResponseHeadersPolicy(scope, 'SecurityHeaders', {
    // CloudFront is global: the name must differ in each Region of an account.
    responseHeadersPolicyName: resourceName(context.settings, `console-${Stack.of(scope).region}`),
    securityHeadersBehavior: {
      contentSecurityPolicy: {
        contentSecurityPolicy: contentSecurityPolicy({
          connectTo: issuerOrigins,
          imagesFrom: [iconsFrom],
        }),
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption[SECURITY_HEADERS['x-frame-options']], override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: {
        accessControlMaxAge: TWO_YEARS,
        includeSubdomains: true,
        override: true,
      },
    },
    customHeadersBehavior: {
      customHeaders: [
        {
          header: 'permissions-policy',
          value: SECURITY_HEADERS['permissions-policy'],
          override: true,
        },
      ],
    },
  });
}

function acknowledgeFindings(distribution: Distribution, { domain, webAclArn }: ConsoleSettings): void {
  Validations.of(distribution).acknowledge(
    {
      id: 'AwsSolutions-CFR1',
      reason: 'Users of the platform may be anywhere; the API decides who may see what.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason: 'The files are public, and the access log of the API has every request for data.',
    },
  );
  if (webAclArn === undefined) {
    Validations.of(distribution).acknowledge({
      id: 'AwsSolutions-CFR2',
      reason: 'A web ACL costs 5 USD a month; the files are static, and API Gateway throttles the API.',
    });
  }
  if (domain) return;
  Validations.of(distribution).acknowledge({
    id: 'AwsSolutions-CFR4',
    reason:
      "CloudFront's own domain has its own certificate and protocols; a domain of the settings has TLS 1.2.",
  });
}
