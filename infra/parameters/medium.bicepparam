using '../main.bicep'

// Up to some 100,000 people. Always running: 3 cores, 6 GiB; at most 11.5 cores, 23 GiB.
// Service Bus Standard, a cluster with a standby of its own.
param image = readEnvironmentVariable('ENTRA_MIRROR_IMAGE')
param documentDbPassword = readEnvironmentVariable('DOCUMENTDB_PASSWORD', '')
param mongodbUri = readEnvironmentVariable('MONGODB_URI', '')
param adminToken = readEnvironmentVariable('ADMIN_TOKEN', '')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')

param roles = {
  receiver: { cpu: '0.5', memory: '1Gi', min: 2, max: 5 }
  worker: { cpu: '1', memory: '2Gi', min: 0, max: 5 }
  scheduler: { cpu: '1', memory: '2Gi', min: 1, max: 1 }
  api: { cpu: '0.5', memory: '1Gi', min: 2, max: 4 }
  provisioner: { cpu: '0.5', memory: '1Gi', min: 0, max: 2 }
}
param serviceBus = { sku: 'Standard', messagingUnits: 1 }
param documentDb = { tier: 'M30', storageGb: 128, highAvailability: 'SameZone' }
