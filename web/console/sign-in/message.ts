import './message.css';

/** A page of one message, in place of the console. */
interface Message {
  readonly title: string;
  readonly text: string;
  /** Label of the button below the text. */
  readonly action: string;
}

const ENGLISH = {
  signedOut: { title: 'You are signed out', text: 'Close this tab, or sign in again.', action: 'Sign in' },
  refused: {
    title: 'Sign-in did not succeed',
    text: 'The sign-in service did not sign you in. Try again, or ask the administrator of your platform.',
    action: 'Try again',
  },
  unreachable: {
    title: 'The sign-in service does not respond',
    text: 'Check your connection to the network, then try again.',
    action: 'Try again',
  },
} satisfies Record<string, Message>;

const SPANISH: typeof ENGLISH = {
  signedOut: {
    title: 'Has cerrado la sesión',
    text: 'Cierra esta pestaña o vuelve a iniciar sesión.',
    action: 'Iniciar sesión',
  },
  refused: {
    title: 'No se pudo iniciar sesión',
    text: 'El servicio de inicio de sesión no te dio acceso. Inténtalo de nuevo o consulta al administrador de tu plataforma.',
    action: 'Intentar de nuevo',
  },
  unreachable: {
    title: 'El servicio de inicio de sesión no responde',
    text: 'Comprueba tu conexión a la red e inténtalo de nuevo.',
    action: 'Intentar de nuevo',
  },
};

/**
 * Shows a message in place of the console, in the language of the page.
 *
 * @param detail what the issuer gave as the reason, in its own words.
 * @param onAction runs when the user presses the button.
 */
export function showMessage(kind: keyof typeof ENGLISH, onAction: () => void, detail?: string): void {
  const { title, text, action } = (document.documentElement.lang === 'es' ? SPANISH : ENGLISH)[kind];
  document.title = title;
  const button = element('button', action);
  button.type = 'button';
  button.addEventListener('click', onAction, { once: true });
  const main = document.createElement('main');
  main.className = 'sign-in-message';
  main.append(element('h1', title), element('p', text), ...(detail ? [element('p', detail)] : []), button);
  document.body.replaceChildren(main);
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, text: string): HTMLElementTagNameMap[K] {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}
