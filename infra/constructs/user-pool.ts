import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  UserPool as CognitoUserPool,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/** Issuer of the access tokens that the API accepts, and the audiences it accepts them for. */
export interface Identity {
  /** OpenID Connect issuer URL, as in a token's `iss`. */
  readonly issuer: string;
  /** Accepted values of a token's `aud` or `client_id`. */
  readonly audience: readonly string[];
}

/**
 * Cognito user pool with a sign-in page and a browser client, for a platform without an OpenID Connect
 * issuer.
 */
export class UserPool extends Construct {
  readonly identity: Identity;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const pool = createPool(this, resourceName(settings, 'users'));
    const client = addWebClient(pool, settings.allowedOrigins);
    // A domain prefix must be unique in its region; the account id makes it so.
    pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: resourceName(settings, Stack.of(this).account) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // Without a branding style, the managed login page of a client shows "unavailable".
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

function createPool(scope: Construct, userPoolName: string): CognitoUserPool {
  const pool = new CognitoUserPool(scope, 'Pool', {
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
      reason: 'MFA is optional: the pool serves only until the platform configures its own issuer.',
    },
    {
      id: 'AwsSolutions-COG8',
      reason: 'The Plus plan costs 20 USD per month and thousand users, and sign-up is disabled.',
    },
  );
  return pool;
}

/** Adds a client for browsers: authorization code with PKCE and no client secret. */
function addWebClient(pool: CognitoUserPool, origins: readonly string[]): UserPoolClient {
  const urls = origins.map((origin) => `${origin}/`);
  return pool.addClient('Web', {
    authFlows: { userSrp: true },
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
      callbackUrls: urls,
      logoutUrls: urls,
    },
    accessTokenValidity: Duration.hours(1),
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
  });
}
