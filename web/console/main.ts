import { isAuthorizationPopup } from '../elements/index.ts';
import { localeOf } from '../elements/locale.ts';
import { ConsoleApp } from './app.ts';
import { applyPreferences, language } from './preferences.ts';
import { createSession } from './sign-in/session.ts';

applyPreferences();
if (isAuthorizationPopup) {
  // Seen where the browser does not let a page close a window that a provider's opener policy cut off.
  document.body.textContent = localeOf(language()).text.mayClose;
} else {
  await start();
}

async function start(): Promise<void> {
  const response = await fetch('/config.json');
  const config = await response.json();
  const session = await createSession(config);
  const app = new ConsoleApp();
  app.apiUrl = config.apiUrl;
  app.session = session;
  document.body.append(app);
}
