metadata description = 'The queues of change sets and of what HR sends, and who may use them.'

param name string
param location string
param queueName string
param hrQueueName string

@allowed(['Standard', 'Premium'])
param sku string

@description('Messaging units of Premium; Standard has none.')
@allowed([1, 2, 4, 8, 16])
param messagingUnits int

@description('False closes the namespace to the Internet; possible with Premium only.')
param publicAccess bool

@description('Principal id of the identity that sends and receives.')
param appPrincipalId string

@description('Principal id of the identity with which KEDA counts the messages.')
param scalerPrincipalId string

var roles = {
  dataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
  dataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  dataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
}

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  sku: {
    name: sku
    tier: sku
    capacity: sku == 'Premium' ? messagingUnits : null
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

// No duplicate detection: two real changes can have the same body. A message that expired or
// was delivered too often was acknowledged to Graph all the same, so it is kept as a dead letter.
resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: queueName
  properties: {
    lockDuration: 'PT5M'
    maxDeliveryCount: 100
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
    requiresDuplicateDetection: false
    requiresSession: false
    maxSizeInMegabytes: 5120
  }
}

// The same settings: what was acknowledged to HR is not lost either.
resource hrQueue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: hrQueueName
  properties: {
    lockDuration: 'PT5M'
    maxDeliveryCount: 100
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
    requiresDuplicateDetection: false
    requiresSession: false
    maxSizeInMegabytes: 5120
  }
}

resource send 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(queue.id, appPrincipalId, roles.dataSender)
  scope: queue
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.dataSender)
  }
}

resource receive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(queue.id, appPrincipalId, roles.dataReceiver)
  scope: queue
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.dataReceiver)
  }
}

resource hrSend 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hrQueue.id, appPrincipalId, roles.dataSender)
  scope: hrQueue
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.dataSender)
  }
}

resource hrReceive 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hrQueue.id, appPrincipalId, roles.dataReceiver)
  scope: hrQueue
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.dataReceiver)
  }
}

// KEDA reads the count of messages by the management interface, for which Data Owner is the least
// built-in role known to do. Hence an identity of its own, out of reach of the containers.
resource count 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(namespace.id, scalerPrincipalId, roles.dataOwner)
  scope: namespace
  properties: {
    principalId: scalerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.dataOwner)
  }
}

output id string = namespace.id
output name string = namespace.name
output hostName string = '${namespace.name}.servicebus.windows.net'
