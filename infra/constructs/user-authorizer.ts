import { Duration } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpJwtAuthorizer,
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import { authorizers, type TrustedIssuer } from '../../shared/contract/http/authorizers.ts';
import type { EnvironmentVariable } from '../../shared/domain/terms.ts';
import { ServiceFunction } from './service-function.ts';
import type { StageContext } from './stage-context.ts';

const ISSUERS: EnvironmentVariable = 'TRUSTED_ISSUERS';

/** Two requests to an issuer, of 1.5 seconds each at most, and a cold start. API Gateway waits for 10 seconds. */
const TIMEOUT = Duration.seconds(6);

/**
 * Time for which API Gateway reuses a result for the same token. Functions refuse a token that has ended meanwhile; a key
 * that an issuer removed counts for so much longer.
 */
const RESULT_TTL = Duration.minutes(1);

/** Authorizer of users' routes, and the function behind it where there is one. */
interface UserAuthorizer {
  readonly authorizer: IHttpRouteAuthorizer;
  readonly functions: readonly ServiceFunction[];
}

/**
 * Creates the authorizer of users' access tokens: API Gateway's own for one issuer, which has no price and no cold start,
 * else a function that verifies those of all (docs/decisions/0045).
 */
export function createUserAuthorizer(
  scope: Construct,
  context: StageContext,
  [first, ...others]: readonly [TrustedIssuer, ...TrustedIssuer[]],
): UserAuthorizer {
  if (others.length === 0) {
    const jwtAudience = [...first.audience];
    return { authorizer: new HttpJwtAuthorizer('Users', first.issuer, { jwtAudience }), functions: [] };
  }
  const { entry, summary, capabilities } = authorizers.verifyTokens;
  const fn = new ServiceFunction(scope, 'VerifyTokens', {
    context,
    entry,
    summary,
    capabilities,
    timeout: TIMEOUT,
  });
  fn.addEnvironment(ISSUERS, JSON.stringify([first, ...others]));
  // Another id than that of the authorizer for one issuer: a new resource, to which the routes move one by one.
  const authorizer = new HttpLambdaAuthorizer('Tokens', fn.target, {
    responseTypes: [HttpLambdaResponseType.SIMPLE],
    identitySource: ['$request.header.Authorization'],
    resultsCacheTtl: RESULT_TTL,
  });
  return { authorizer, functions: [fn] };
}
