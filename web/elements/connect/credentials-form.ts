import { html, nothing, type TemplateResult } from 'lit';
import type { Provider } from '../../client/index.ts';
import { icon } from '../icons.ts';
import type { Locale } from '../locale.ts';

type Field = Provider['auth']['fields'][number];

export interface CredentialsForm {
  readonly provider: Provider;
  readonly values: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, string>>;
  readonly isDisabled: boolean;
  readonly locale: Locale;
  readonly onInput: (name: string, value: string) => void;
}

/** Draws the fields that a provider needs; secrets are masked, and shown on demand. */
export function renderCredentials(form: CredentialsForm): TemplateResult {
  const { provider, locale } = form;
  return html`
    ${provider.auth.fields.map((field) => renderField(field, form))}
    ${
      provider.auth.fields.length === 0
        ? nothing
        : html`<a href=${provider.docsUrl} target="_blank" rel="noopener noreferrer">
            ${locale.text.whereToFind(provider.name)} ${icon('external')}
          </a>`
    }
  `;
}

function renderField(field: Field, { values, errors, isDisabled, locale, onInput }: CredentialsForm) {
  const { name, label, help, secret, required, placeholder } = field;
  const error = errors[name];
  return html`<wa-input
    name=${name}
    label=${required ? label : locale.text.optional(label)}
    type=${secret ? 'password' : 'text'}
    ?password-toggle=${secret}
    placeholder=${placeholder ?? nothing}
    .value=${values[name] ?? ''}
    ?disabled=${isDisabled}
    autocomplete="off"
    autocapitalize="off"
    .spellcheck=${false}
    lang=${locale.language}
    with-hint
    @input=${(event: Event) => {
      if (event.currentTarget instanceof HTMLElement && 'value' in event.currentTarget) {
        onInput(name, String(event.currentTarget.value ?? ''));
      }
    }}
  >
    ${error ? html`<span slot="hint" class="error">${error}</span>` : help ? html`<span slot="hint">${help}</span>` : nothing}
  </wa-input>`;
}

/** Returns the error of each field that is empty or has another form than the provider's values. */
export function validateCredentials(
  { auth }: Provider,
  values: Readonly<Record<string, string>>,
  { text }: Locale,
): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const { name, required, pattern } of auth.fields) {
    const value = values[name]?.trim() ?? '';
    if (value === '' && required) errors[name] = text.required;
    if (value !== '' && pattern && !new RegExp(`^(?:${pattern})$`, 'u').test(value))
      errors[name] = text.wrongPattern;
  }
  return errors;
}

/** Returns the values to send: trimmed, since pasted ones often have a blank or a line break, and without empty ones. */
export function filledValues(
  { auth }: Provider,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    auth.fields.map(({ name }) => [name, values[name]?.trim() ?? '']).filter(([, value]) => value !== ''),
  );
}
