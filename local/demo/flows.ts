const support = { id: 'team-support', label: 'support@example.com' };
const sales = { id: 'team-sales', label: 'sales@example.com' };
const finance = { id: 'team-finance', label: 'finance@example.com' };

/** The accounts of the demo project's connections, by provider. */
export const DEMO_ACCOUNTS: Readonly<Record<string, typeof support>> = {
  zendesk: support,
  trello: support,
  slack: support,
  hubspot: sales,
  openai: sales,
  stripe: finance,
  airtable: finance,
  sendgrid: finance,
  github: sales,
  notion: support,
};

/** The names of those connections that have another than the default, by provider. */
export const DEMO_NAMES: Readonly<Record<string, string>> = {
  trello: 'Trello - Support',
  hubspot: 'HubSpot - Sales',
};

/** The flows of the demo project, with the provider of each step. */
export const DEMO_FLOWS: readonly {
  readonly id: string;
  readonly name: string;
  readonly steps: Readonly<Record<string, string>>;
}[] = [
  {
    id: 'support-triage',
    name: 'Support triage',
    steps: { ticket: 'zendesk', card: 'trello', notify: 'slack' },
  },
  { id: 'new-lead', name: 'New lead', steps: { contact: 'hubspot', notify: 'slack', summary: 'openai' } },
  {
    id: 'invoice-paid',
    name: 'Invoice paid',
    steps: { payment: 'stripe', row: 'airtable', mail: 'sendgrid', notify: 'slack' },
  },
  { id: 'release-notes', name: 'Release notes', steps: { tag: 'github', page: 'notion' } },
];

/** The provider of the demo connection with revoked credentials, so that a user has one to reconnect. */
export const REVOKED = 'hubspot';
