metadata description = 'An Azure DocumentDB cluster (MongoDB vCore); its connection string goes to Key Vault.'

param name string
param location string

@description('M10, M20 and M25 are burstable and have no high availability; M30 and above have.')
param tier string

param storageGb int

@allowed(['Disabled', 'SameZone', 'ZoneRedundantPreferred'])
param highAvailability string

@description('True admits every address inside Azure, to which the password still applies.')
param publicAccess bool

param administrator string

@secure()
param password string

param vaultName string
param secretName string
param readerPrincipalId string

resource cluster 'Microsoft.DocumentDB/mongoClusters@2025-09-01' = {
  name: name
  location: location
  properties: {
    administrator: {
      userName: administrator
      password: password
    }
    serverVersion: '8.0'
    compute: {
      tier: tier
    }
    storage: {
      sizeGb: storageGb
    }
    sharding: {
      shardCount: 1
    }
    highAvailability: {
      targetMode: highAvailability
    }
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

resource azureServices 'Microsoft.DocumentDB/mongoClusters/firewallRules@2025-09-01' = if (publicAccess) {
  parent: cluster
  name: 'azure-services'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

var connectionString = replace(
  replace(cluster.properties.connectionString, '<user>', administrator),
  '<password>',
  uriComponent(password)
)

module secret 'secret.bicep' = {
  params: {
    vaultName: vaultName
    name: secretName
    value: connectionString
    readerPrincipalId: readerPrincipalId
  }
}

output id string = cluster.id
