import './boot';

import { createRoot } from 'react-dom/client';

import { App } from './App';
import { clientOfPage } from './client';
import { startLocation } from './dashboard/location';
import { setUp } from './grafana/setup';

setUp();
const client = clientOfPage();
startLocation(client.data);
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(<App client={client} />);
}
