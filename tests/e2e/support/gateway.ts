/** The built gateway as a process of its own: started, killed and restarted by tests. */
export { startGateway, type GatewayProcess } from '../../support/gateway-process.mjs';
