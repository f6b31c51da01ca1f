import { isAuthorizationPopup } from '../elements/index.ts';
import { ConsoleApp } from './app.ts';
import { applyPreferences } from './preferences.ts';
import { createSession } from './sign-in/session.ts';

applyPreferences();
if (!isAuthorizationPopup) await start();

async function start(): Promise<void> {
  const response = await fetch('/config.json');
  const config = await response.json();
  const session = await createSession(config);
  const app = new ConsoleApp();
  app.apiUrl = config.apiUrl;
  app.session = session;
  document.body.append(app);
}
