import { createComponent, type EventName } from '@lit/react';
import { type Connection, type ConnectionFilter, ConnectionsPage } from 'connections/elements';
import React, { useCallback, useState } from 'react';
import { createRoot } from 'react-dom/client';

/** The element as a React component, with its properties and events in their types. */
const Connections = createComponent({
  react: React,
  tagName: 'connections-page',
  elementClass: ConnectionsPage,
  events: {
    onFilterChange: 'filterchange' as EventName<CustomEvent<{ filter: ConnectionFilter }>>,
    onReconnected: 'reconnected' as EventName<CustomEvent<Connection>>,
    onRenamed: 'renamed' as EventName<CustomEvent<Connection>>,
  },
});

interface Settings {
  readonly apiUrl: string;
  readonly projectId: string;
}

function App({ apiUrl, projectId }: Settings) {
  const [last, setLast] = useState('none');
  const [status, setStatus] = useState<ConnectionFilter['status']>('');
  const accessToken = useCallback(async () => (await fetch('./access-token')).text(), []);
  return (
    <main>
      <button type="button" onClick={() => setStatus('inactive')}>
        Show what stopped
      </button>
      <Connections
        baseUrl={apiUrl}
        projectId={projectId}
        accessToken={accessToken}
        status={status}
        onFilterChange={({ detail }) => setStatus(detail.filter.status)}
        onReconnected={({ detail }) => setLast(`reconnected: ${detail.name}`)}
        onRenamed={({ detail }) => setLast(`renamed: ${detail.name}`)}
      />
      <p>
        Last event: <output>{last}</output>
      </p>
    </main>
  );
}

const settings: Settings = await (await fetch('./settings.json')).json();
const root = document.querySelector('#root');
if (root) createRoot(root).render(<App {...settings} />);
