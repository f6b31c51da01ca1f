import './components.ts';
import { ConnectDialog } from './connect/connect-dialog.ts';
import { RenameDialog } from './connect/rename-dialog.ts';
import { ConnectionsPage } from './connections/connections-page.ts';
import { ConnectionNotices } from './connections/notices.ts';
import { ConnectionDetails } from './details/connection-details.ts';
import { FlowsList } from './flows/flows-list.ts';

export type { Connection, Flow, Provider } from '../client/index.ts';
export type { Step } from './api.ts';
export { isAuthorizationPopup } from './connect/authorization.ts';
export type { ConnectionFilter } from './connections/connections-page.ts';
export type { AccessToken } from './element.ts';
export { ConnectDialog, ConnectionDetails, ConnectionNotices, ConnectionsPage, FlowsList, RenameDialog };

declare global {
  interface HTMLElementTagNameMap {
    'connections-page': ConnectionsPage;
    'connections-notices': ConnectionNotices;
    'connections-flows': FlowsList;
    'connections-details': ConnectionDetails;
    'connections-connect-dialog': ConnectDialog;
    'connections-rename-dialog': RenameDialog;
  }
}

customElements.define('connections-connect-dialog', ConnectDialog);
customElements.define('connections-rename-dialog', RenameDialog);
customElements.define('connections-notices', ConnectionNotices);
customElements.define('connections-page', ConnectionsPage);
customElements.define('connections-flows', FlowsList);
customElements.define('connections-details', ConnectionDetails);
