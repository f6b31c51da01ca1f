import type { Service } from '../service.ts';
import { airtable } from './airtable.ts';
import { anthropic } from './anthropic.ts';
import { asana } from './asana.ts';
import { brevo } from './brevo.ts';
import { calcom } from './calcom.ts';
import { clickup } from './clickup.ts';
import { discordBot } from './discord-bot.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { hubspot } from './hubspot.ts';
import { intercom } from './intercom.ts';
import { jira } from './jira.ts';
import { linear } from './linear.ts';
import { mailchimp } from './mailchimp.ts';
import { monday } from './monday.ts';
import { notion } from './notion.ts';
import { openai } from './openai.ts';
import { pipedrive } from './pipedrive.ts';
import { resend } from './resend.ts';
import { sendgrid } from './sendgrid.ts';
import { shopify } from './shopify.ts';
import { slack } from './slack.ts';
import { stripe } from './stripe.ts';
import { telegramBot } from './telegram-bot.ts';
import { trello } from './trello.ts';
import { twilio } from './twilio.ts';
import { zendesk } from './zendesk.ts';

/** Every third party that the sandbox stands in for. */
export const services: readonly Service[] = [
  airtable,
  anthropic,
  asana,
  brevo,
  calcom,
  clickup,
  discordBot,
  github,
  gitlab,
  hubspot,
  intercom,
  jira,
  linear,
  mailchimp,
  monday,
  notion,
  openai,
  pipedrive,
  resend,
  sendgrid,
  shopify,
  slack,
  stripe,
  telegramBot,
  trello,
  twilio,
  zendesk,
];
