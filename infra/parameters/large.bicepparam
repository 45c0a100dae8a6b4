using '../main.bicep'

// A million people. Always running: 8 cores, 16 GiB; at most 37 cores, 74 GiB.
// Service Bus Premium, a cluster with a standby in another zone, all in a network of its own.
param image = readEnvironmentVariable('ENTRA_MIRROR_IMAGE')
param documentDbPassword = readEnvironmentVariable('DOCUMENTDB_PASSWORD', '')
param mongodbUri = readEnvironmentVariable('MONGODB_URI', '')
param adminToken = readEnvironmentVariable('ADMIN_TOKEN', '')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')

param privateNetworking = true
param backlogAlert = 5000
param logRetentionDays = 90

param roles = {
  receiver: { cpu: '1', memory: '2Gi', min: 3, max: 10 }
  worker: { cpu: '1', memory: '2Gi', min: 1, max: 15 }
  scheduler: { cpu: '2', memory: '4Gi', min: 1, max: 1 }
  api: { cpu: '1', memory: '2Gi', min: 2, max: 8 }
  provisioner: { cpu: '0.5', memory: '1Gi', min: 0, max: 4 }
}
param serviceBus = { sku: 'Premium', messagingUnits: 1 }
param documentDb = { tier: 'M50', storageGb: 512, highAvailability: 'ZoneRedundantPreferred' }
