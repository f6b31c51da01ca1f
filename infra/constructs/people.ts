import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/** Whose tokens are believed, and for whom they must have been made. */
export interface Identity {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** People who sign in, for a platform that has no OpenID Connect issuer of its own. */
export class People extends Construct {
  readonly identity: Identity;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const pool = userPool(this, resourceName(settings, 'people'));
    const client = webClient(pool, settings.allowedOrigins);
    // Sign-in pages need a name that nobody else in the region has.
    pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: resourceName(settings, Stack.of(this).account) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // Without a style of its own, a client's sign-in page says that it is unavailable.
    new CfnManagedLoginBranding(this, 'Style', {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    this.identity = {
      issuer: `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${pool.userPoolId}`,
      audience: [client.userPoolClientId],
    };
  }
}

function userPool(scope: Construct, userPoolName: string): UserPool {
  const pool = new UserPool(scope, 'Pool', {
    userPoolName,
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: { minLength: 12, requireDigits: true, requireSymbols: true, requireUppercase: true },
    featurePlan: FeaturePlan.ESSENTIALS,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(pool).acknowledge(
    {
      id: 'AwsSolutions-COG2',
      reason: 'Offered, not demanded: the pool stands in until the platform brings its own issuer.',
    },
    {
      id: 'AwsSolutions-COG8',
      reason: 'The Plus plan costs 20 USD a month and thousand people; nobody can sign up unasked.',
    },
  );
  return pool;
}

/** A client for browsers: the authorization code with PKCE, and no secret to keep. */
function webClient(pool: UserPool, origins: readonly string[]): UserPoolClient {
  return pool.addClient('Web', {
    authFlows: { userSrp: true },
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
      callbackUrls: origins.map((origin) => `${origin}/`),
      logoutUrls: origins.map((origin) => `${origin}/`),
    },
    accessTokenValidity: Duration.hours(1),
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
  });
}
