import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  UserPool as CognitoUserPool,
  FeaturePlan,
  type IUserPool,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  type OAuthSettings,
  UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { TrustedIssuer } from '../../shared/contract/http/authorizers.ts';
import { resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';

/**
 * Cognito user pool with a sign-in page, for a platform without an OpenID Connect issuer. It has a browser client for
 * pages of the platform, if the settings name their origins.
 */
export class UserPool extends Construct {
  /** Also the identity of the pool's users, with the clients of this construct as audience. */
  readonly identity: TrustedIssuer;
  /** Origins of the pool's endpoints: of its metadata and keys, and of its sign-in page and token endpoint. */
  readonly origins: readonly string[];
  readonly pool: IUserPool;

  /** @param existing pool to use, with its sign-in page, instead of a new one. */
  constructor(scope: Construct, id: string, settings: Settings, existing?: IUserPool) {
    super(scope, id);
    const issuerOrigin = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com`;
    if (existing) {
      this.pool = existing;
      this.origins = [issuerOrigin];
    } else {
      const pool = createPool(this, resourceName(settings, 'users'));
      // A domain prefix must be unique in its region; the account id makes it so.
      const domain = pool.addDomain('Domain', {
        cognitoDomain: { domainPrefix: resourceName(settings, Stack.of(this).account) },
        managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
      });
      this.pool = pool;
      this.origins = [issuerOrigin, domain.baseUrl()];
    }
    const urls = settings.allowedOrigins.map((origin) => `${origin}/`);
    const clients =
      urls.length === 0
        ? []
        : [new WebClient(this, 'Web', this.pool, { callbackUrls: urls, logoutUrls: urls })];
    this.identity = {
      issuer: `${issuerOrigin}/${this.pool.userPoolId}`,
      audience: clients.map(({ clientId }) => clientId),
    };
  }
}

/** Client of a user pool for browsers: authorization code with PKCE, rotated refresh tokens, no client secret. */
export class WebClient extends Construct {
  readonly clientId: string;

  constructor(
    scope: Construct,
    id: string,
    userPool: IUserPool,
    urls: Pick<OAuthSettings, 'callbackUrls' | 'logoutUrls'>,
  ) {
    super(scope, id);
    const client = new UserPoolClient(this, 'Client', {
      userPool,
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        ...urls,
      },
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(12),
      // Two requests of one page may use the same refresh token.
      refreshTokenRotationGracePeriod: Duration.seconds(30),
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
    });
    this.clientId = client.userPoolClientId;
    // Without a branding style, the managed login page of a client shows "unavailable".
    new CfnManagedLoginBranding(this, 'Style', {
      userPoolId: userPool.userPoolId,
      clientId: this.clientId,
      useCognitoProvidedValues: true,
    });
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
