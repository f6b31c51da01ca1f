import airtable from './providers/airtable.json' with { type: 'json' };
import anthropic from './providers/anthropic.json' with { type: 'json' };
import asana from './providers/asana.json' with { type: 'json' };
import brevo from './providers/brevo.json' with { type: 'json' };
import calcom from './providers/calcom.json' with { type: 'json' };
import clickup from './providers/clickup.json' with { type: 'json' };
import discordBot from './providers/discord-bot.json' with { type: 'json' };
import github from './providers/github.json' with { type: 'json' };
import gitlab from './providers/gitlab.json' with { type: 'json' };
import hubspot from './providers/hubspot.json' with { type: 'json' };
import intercom from './providers/intercom.json' with { type: 'json' };
import jira from './providers/jira.json' with { type: 'json' };
import linear from './providers/linear.json' with { type: 'json' };
import mailchimp from './providers/mailchimp.json' with { type: 'json' };
import monday from './providers/monday.json' with { type: 'json' };
import notion from './providers/notion.json' with { type: 'json' };
import openai from './providers/openai.json' with { type: 'json' };
import pipedrive from './providers/pipedrive.json' with { type: 'json' };
import resend from './providers/resend.json' with { type: 'json' };
import sendgrid from './providers/sendgrid.json' with { type: 'json' };
import shopify from './providers/shopify.json' with { type: 'json' };
import slack from './providers/slack.json' with { type: 'json' };
import stripe from './providers/stripe.json' with { type: 'json' };
import telegramBot from './providers/telegram-bot.json' with { type: 'json' };
import trello from './providers/trello.json' with { type: 'json' };
import twilio from './providers/twilio.json' with { type: 'json' };
import zendesk from './providers/zendesk.json' with { type: 'json' };

/** Every file of `providers/`, by its name; a test holds the two together. */
export const entries: Readonly<Record<string, unknown>> = {
  airtable,
  anthropic,
  asana,
  brevo,
  calcom,
  clickup,
  'discord-bot': discordBot,
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
  'telegram-bot': telegramBot,
  trello,
  twilio,
  zendesk,
};
