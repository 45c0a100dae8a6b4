metadata description = 'What wakes a person, from figures that the platform has without the program.'

param name string

@description('Who is written to; empty: alerts show in the portal only.')
param email string

param serviceBusId string
param queueName string
param receiverId string
param schedulerId string

@description('More waiting change sets than this for a quarter of an hour is a backlog.')
param backlog int

var serviceBus = 'Microsoft.ServiceBus/namespaces'
var containerApps = 'Microsoft.App/containerapps'
var ofQueue = [{ name: 'EntityName', operator: 'Include', values: [queueName] }]
var failed = [{ name: 'statusCodeCategory', operator: 'Include', values: ['5xx'] }]

var rules = [
  {
    name: 'receiver-gone'
    text: 'No receiver runs: Graph repeats notifications for some hours, then they are lost until a sweep.'
    severity: 0
    scope: receiverId
    namespace: containerApps
    metric: 'Replicas'
    dimensions: []
    aggregation: 'Maximum'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'receiver-failing'
    text: 'The receiver answers with 5xx: its queue or its database is away. Graph repeats these notifications.'
    severity: 1
    scope: receiverId
    namespace: containerApps
    metric: 'Requests'
    dimensions: failed
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: 10
  }
  {
    name: 'scheduler-gone'
    text: 'No scheduler runs: subscriptions are not renewed and nothing is swept.'
    severity: 1
    scope: schedulerId
    namespace: containerApps
    metric: 'Replicas'
    dimensions: []
    aggregation: 'Maximum'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'dead-letters'
    text: 'Change sets could not be handled: list them with their reasons, repair, replay.'
    severity: 2
    scope: serviceBusId
    namespace: serviceBus
    metric: 'DeadletteredMessages'
    dimensions: ofQueue
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'backlog'
    text: 'Change sets wait longer than workers need: Graph or MongoDB is slow or away, or workers are too few.'
    severity: 2
    scope: serviceBusId
    namespace: serviceBus
    metric: 'ActiveMessages'
    dimensions: ofQueue
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: backlog
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: name
  location: 'global'
  properties: {
    enabled: true
    groupShortName: take(name, 12)
    emailReceivers: [
      {
        name: 'on-call'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: 'global'
    properties: {
      description: rule.text
      severity: rule.severity
      enabled: true
      autoMitigate: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: rule.name
            metricNamespace: rule.namespace
            metricName: rule.metric
            dimensions: rule.dimensions
            timeAggregation: rule.aggregation
            operator: rule.operator
            threshold: rule.threshold
          }
        ]
      }
      actions: empty(email) ? [] : [{ actionGroupId: people.id }]
    }
  }
]
