import { Validations } from 'aws-cdk-lib';
import { HttpNoneAuthorizer, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { IConstruct } from 'constructs';
import type { Caller } from '../../shared/contract/http/route.ts';
import type { Identity } from './people.ts';

/** How API Gateway tells the callers of each kind, before any function runs. */
export class Callers {
  readonly #authorizers: Readonly<Record<Caller['kind'], IHttpRouteAuthorizer>>;

  constructor({ issuer, audience }: Identity) {
    this.#authorizers = {
      user: new HttpJwtAuthorizer('People', issuer, { jwtAudience: [...audience] }),
      engine: new HttpIamAuthorizer(),
      public: new HttpNoneAuthorizer(),
    };
  }

  authorizerOf({ kind }: Caller): IHttpRouteAuthorizer {
    return this.#authorizers[kind];
  }

  acknowledgePublic(route: IConstruct): void {
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Declared public in shared/routes: it tells the same to everybody.',
    });
  }
}
