/** A step of a demo flow, with a new connection of a provider or one that an earlier step made. */
export interface DemoStep {
  readonly stepId: string;
  readonly provider: string;
  /** Names the connection, so that later steps can share it. */
  readonly connection: string;
  readonly name?: string;
  readonly account: { readonly id: string; readonly label: string };
}

const support = { id: 'team-support', label: 'support@example.com' };
const sales = { id: 'team-sales', label: 'sales@example.com' };
const finance = { id: 'team-finance', label: 'finance@example.com' };

/** The flows of the demo project, and the connections that their steps use. */
export const DEMO_FLOWS: readonly {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly DemoStep[];
}[] = [
  {
    id: 'support-triage',
    name: 'Support triage',
    steps: [
      { stepId: 'ticket', provider: 'zendesk', connection: 'zendesk', account: support },
      {
        stepId: 'card',
        provider: 'trello',
        connection: 'trello',
        name: 'Trello - Support',
        account: support,
      },
      { stepId: 'notify', provider: 'slack', connection: 'slack', account: support },
    ],
  },
  {
    id: 'new-lead',
    name: 'New lead',
    steps: [
      {
        stepId: 'contact',
        provider: 'hubspot',
        connection: 'hubspot',
        name: 'HubSpot - Sales',
        account: sales,
      },
      { stepId: 'notify', provider: 'slack', connection: 'slack', account: support },
      { stepId: 'summary', provider: 'openai', connection: 'openai', account: sales },
    ],
  },
  {
    id: 'invoice-paid',
    name: 'Invoice paid',
    steps: [
      { stepId: 'payment', provider: 'stripe', connection: 'stripe', account: finance },
      { stepId: 'row', provider: 'airtable', connection: 'airtable', account: finance },
      { stepId: 'mail', provider: 'sendgrid', connection: 'sendgrid', account: finance },
      { stepId: 'notify', provider: 'slack', connection: 'slack', account: support },
    ],
  },
  {
    id: 'release-notes',
    name: 'Release notes',
    steps: [
      { stepId: 'tag', provider: 'github', connection: 'github', account: sales },
      { stepId: 'page', provider: 'notion', connection: 'notion', account: support },
    ],
  },
];

/** The demo connection that has revoked credentials, so that a user has one to reconnect. */
export const REVOKED = 'hubspot';
