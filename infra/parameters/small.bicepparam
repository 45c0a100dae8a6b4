using '../main.bicep'

// Up to some 10,000 people. Always running: 1.25 cores, 2.5 GiB; at most 3 cores, 6 GiB.
// Service Bus Standard, a burstable cluster without high availability.
param image = readEnvironmentVariable('ENTRA_MIRROR_IMAGE')
param documentDbPassword = readEnvironmentVariable('DOCUMENTDB_PASSWORD', '')
param mongodbUri = readEnvironmentVariable('MONGODB_URI', '')
param adminToken = readEnvironmentVariable('ADMIN_TOKEN', '')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')

param roles = {
  receiver: { cpu: '0.25', memory: '0.5Gi', min: 2, max: 3 }
  worker: { cpu: '0.5', memory: '1Gi', min: 0, max: 2 }
  scheduler: { cpu: '0.5', memory: '1Gi', min: 1, max: 1 }
  api: { cpu: '0.25', memory: '0.5Gi', min: 1, max: 2 }
  provisioner: { cpu: '0.25', memory: '0.5Gi', min: 0, max: 1 }
}
param serviceBus = { sku: 'Standard', messagingUnits: 1 }
param documentDb = { tier: 'M20', storageGb: 32, highAvailability: 'Disabled' }
