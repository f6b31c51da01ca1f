import { createHash } from 'node:crypto';

type Fields = Readonly<Record<string, string>>;

/** Made up, and made so that no secret scanner takes them for real ones. */
const samples: Readonly<Record<string, (name: string, digits: string) => Fields>> = {
  trello: (name) => ({ apiKey: `sample-key-${name}`, token: `sample-token-${name}` }),
  twilio: (name, digits) => ({
    accountSid: `AC${digits.padStart(32, '0')}`,
    authToken: `sample-token-${name}`,
  }),
  mailchimp: (_name, digits) => ({ apiKey: `sample${digits}-us21` }),
  jira: (name) => ({ site: 'sample-site', email: 'jo@example.com', apiToken: `sample-token-${name}` }),
  zendesk: (name) => ({
    subdomain: 'sample-desk',
    email: 'jo@example.com',
    apiToken: `sample-token-${name}`,
  }),
  shopify: (name) => ({ shop: 'sample-shop', accessToken: `sample-token-${name}` }),
  'telegram-bot': (name, digits) => ({ token: `${digits}:sample-token-${name}` }),
  pipedrive: (name) => ({ apiToken: `sample-token-${name}` }),
};

const keyed: ReadonlySet<string> = new Set([
  'anthropic',
  'brevo',
  'calcom',
  'linear',
  'openai',
  'resend',
  'sendgrid',
  'stripe',
]);

/**
 * Credentials that fit the fields of a provider, for demo data and tests; the same for the same name.
 * `name` is letters, digits and hyphens, so that each test can have its own.
 */
export function sampleCredentials(providerId: string, name = 'one'): Fields {
  const digits = String(
    Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16) + 1_000_000_000,
  );
  const sample = samples[providerId];
  if (sample !== undefined) return sample(name, digits);
  return { [keyed.has(providerId) ? 'apiKey' : 'token']: `sample-token-${name}` };
}
