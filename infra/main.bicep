metadata description = 'Entra Mirror on Azure Container Apps.'

import { DocumentDbSize, RoleSizes, ServiceBusSize } from 'modules/types.bicep'

targetScope = 'resourceGroup'

@description('Begins the name of everything: small letters, digits and dashes.')
@minLength(3)
@maxLength(16)
param name string = 'entra-mirror'

param location string = resourceGroup().location

@description('The image with its digest, like example.azurecr.io/entra-mirror@sha256:…')
param image string

@description('Name of an Azure Container Registry in this resource group; empty: the image is public.')
param registryName string = ''

@description('The tenant to mirror.')
param tenantId string = tenant().tenantId

@description('Graph of a national cloud, like https://graph.microsoft.us/v1.0; empty: the public one.')
param graphBaseUrl string = ''

@description('Own https address of the receiver; empty: the one that Container Apps gives.')
param publicUrl string = ''

@description('Properties to mirror besides the standard table, or not to with a leading minus.')
param mirroredProperties string = ''

@allowed(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
param logLevel string = 'info'

@description('Base address of an OTLP/HTTP collector of traces; empty: nothing is traced.')
param otlpEndpoint string = ''

@description('Connection string of an existing MongoDB, Atlas for example; empty: a cluster is made.')
@secure()
param mongodbUri string = ''

@description('Password of the cluster that is made.')
@secure()
param documentDbPassword string = ''

@description('Opens /status and /metrics of receiver and api to whoever shows it as a bearer token: 16 characters or more; empty: nobody gets in.')
@secure()
param adminToken string = ''

param mongodbDatabase string = 'entra_mirror'
param queueName string = 'directory-changes'
param hrQueueName string = 'hr-changes'

@description('True opens the API to the Internet; else it is reached from the environment only.')
param publicApi bool = false

@description('True puts everything into a network of its own, with private endpoints. Service Bus takes part from Premium on.')
param privateNetworking bool = false

param addressPrefix string = '10.40.0.0/22'

@description('Who is written to when an alert fires.')
param alertEmail string = ''

@description('Change sets waiting for a quarter of an hour that make an alert.')
param backlogAlert int = 1000

@description('Waiting change sets that one more worker is started for.')
param changeSetsPerWorker int = 20

param logRetentionDays int = 30
param roles RoleSizes
param serviceBus ServiceBusSize
param documentDb DocumentDbSize

var suffix = uniqueString(resourceGroup().id, name)
var secretName = 'mongodb-uri'
var adminSecretName = 'admin-token'
var makesDatabase = empty(mongodbUri)
var privateServiceBus = privateNetworking && serviceBus.sku == 'Premium'

module identity 'modules/identity.bicep' = {
  params: {
    name: name
    location: location
  }
}

module scaler 'modules/identity.bicep' = {
  params: {
    name: '${name}-scaler'
    location: location
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  params: {
    name: name
    location: location
    addressPrefix: addressPrefix
  }
}

module environment 'modules/environment.bicep' = {
  params: {
    name: name
    location: location
    retentionDays: logRetentionDays
    subnetId: privateNetworking ? network!.outputs.appsSubnetId : ''
  }
}

module bus 'modules/service-bus.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    queueName: queueName
    hrQueueName: hrQueueName
    sku: serviceBus.sku
    messagingUnits: serviceBus.messagingUnits
    publicAccess: !privateServiceBus
    appPrincipalId: identity.outputs.principalId
    scalerPrincipalId: scaler.outputs.principalId
  }
}

module busEndpoint 'modules/private-endpoint.bicep' = if (privateServiceBus) {
  params: {
    name: '${name}-service-bus'
    location: location
    targetId: bus.outputs.id
    groupId: 'namespace'
    zoneName: 'privatelink.servicebus.windows.net'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module vault 'modules/key-vault.bicep' = {
  params: {
    name: 'kv-${suffix}'
    location: location
    publicAccess: !privateNetworking
  }
}

module vaultEndpoint 'modules/private-endpoint.bicep' = if (privateNetworking) {
  params: {
    name: '${name}-key-vault'
    location: location
    targetId: vault.outputs.id
    groupId: 'vault'
    zoneName: 'privatelink.vaultcore.azure.net'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module givenDatabase 'modules/secret.bicep' = if (!makesDatabase) {
  params: {
    vaultName: vault.outputs.name
    name: secretName
    value: mongodbUri
    readerPrincipalId: identity.outputs.principalId
  }
}

module adminSecret 'modules/secret.bicep' = if (!empty(adminToken)) {
  params: {
    vaultName: vault.outputs.name
    name: adminSecretName
    value: adminToken
    readerPrincipalId: identity.outputs.principalId
  }
}

module madeDatabase 'modules/documentdb.bicep' = if (makesDatabase) {
  params: {
    name: '${name}-${suffix}'
    location: location
    tier: documentDb.tier
    storageGb: documentDb.storageGb
    highAvailability: documentDb.highAvailability
    publicAccess: !privateNetworking
    administrator: 'mirror'
    password: documentDbPassword
    vaultName: vault.outputs.name
    secretName: secretName
    readerPrincipalId: identity.outputs.principalId
  }
}

module databaseEndpoint 'modules/private-endpoint.bicep' = if (privateNetworking && makesDatabase) {
  params: {
    name: '${name}-documentdb'
    location: location
    targetId: madeDatabase!.outputs.id
    groupId: 'MongoCluster'
    zoneName: 'privatelink.mongocluster.cosmos.azure.com'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointsSubnetId
  }
}

module registryAccess 'modules/registry-access.bicep' = if (!empty(registryName)) {
  params: {
    registryName: registryName
    principalId: identity.outputs.principalId
  }
}

var receiverUrl = empty(publicUrl) ? 'https://${name}-receiver.${environment.outputs.defaultDomain}' : publicUrl

var settings = [
  { name: 'AZURE_TENANT_ID', value: tenantId }
  { name: 'AZURE_CLIENT_ID', value: identity.outputs.clientId }
  { name: 'GRAPH_BASE_URL', value: graphBaseUrl }
  { name: 'MIRRORED_PROPERTIES', value: mirroredProperties }
  { name: 'PUBLIC_URL', value: receiverUrl }
  { name: 'SERVICEBUS_NAMESPACE', value: bus.outputs.hostName }
  { name: 'SERVICEBUS_QUEUE', value: queueName }
  { name: 'SERVICEBUS_HR_QUEUE', value: hrQueueName }
  { name: 'MONGODB_DATABASE', value: mongodbDatabase }
  { name: 'LOG_LEVEL', value: logLevel }
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: otlpEndpoint }
]

var ingress = {
  receiver: 'external'
  worker: 'none'
  scheduler: 'none'
  api: publicApi ? 'external' : 'internal'
  provisioner: 'none'
}

var requestRules = [
  {
    name: 'requests'
    http: {
      metadata: {
        concurrentRequests: '50'
      }
    }
  }
]

var queueRules = [
  {
    name: 'change-sets'
    custom: {
      type: 'azure-servicebus'
      metadata: {
        namespace: bus.outputs.name
        queueName: queueName
        messageCount: string(changeSetsPerWorker)
      }
      identity: scaler.outputs.id
    }
  }
]

var hrQueueRules = [
  {
    name: 'hr-records'
    custom: {
      type: 'azure-servicebus'
      metadata: {
        namespace: bus.outputs.name
        queueName: hrQueueName
        messageCount: string(changeSetsPerWorker)
      }
      identity: scaler.outputs.id
    }
  }
]

// The receiver gets requests whether or not its systems answer: while MongoDB is away it still
// accepts notifications of the subscriptions it knows.
module apps 'modules/container-app.bicep' = [
  for role in ['receiver', 'worker', 'scheduler', 'api', 'provisioner']: {
    params: {
      name: '${name}-${role}'
      location: location
      environmentId: environment.outputs.id
      image: image
      role: role
      size: roles[role]
      ingress: ingress[role]
      readinessPath: role == 'receiver' ? '/healthz' : '/readyz'
      identityId: identity.outputs.id
      registryServer: empty(registryName) ? '' : '${registryName}.azurecr.io'
      mongodbSecretUri: '${vault.outputs.uri}secrets/${secretName}'
      adminTokenSecretUri: empty(adminToken) || ingress[role] == 'none'
        ? ''
        : '${vault.outputs.uri}secrets/${adminSecretName}'
      settings: settings
      scaleRules: role == 'worker' ? queueRules : role == 'provisioner' ? hrQueueRules : ingress[role] == 'none' ? [] : requestRules
      scalerIdentityIds: role == 'worker' || role == 'provisioner' ? [scaler.outputs.id] : []
    }
    dependsOn: [
      busEndpoint
      vaultEndpoint
      databaseEndpoint
      givenDatabase
      adminSecret
      madeDatabase
      registryAccess
    ]
  }
]

module alerts 'modules/alerts.bicep' = {
  params: {
    name: name
    email: alertEmail
    serviceBusId: bus.outputs.id
    queueName: queueName
    receiverId: resourceId('Microsoft.App/containerApps', '${name}-receiver')
    schedulerId: resourceId('Microsoft.App/containerApps', '${name}-scheduler')
    backlog: backlogAlert
  }
  dependsOn: [apps]
}

output receiverUrl string = receiverUrl
output apiUrl string = 'https://${name}-api.${publicApi ? '' : 'internal.'}${environment.outputs.defaultDomain}'

@description('Who needs the Graph permissions: see grant-graph-permissions.sh.')
output identityPrincipalId string = identity.outputs.principalId
