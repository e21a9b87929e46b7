package main

// meaningless are properties that configuration files of Druid have and that
// mean nothing here, or nothing to the role that reads them: they are no
// mistakes, and nobody is warned of them.
var meaningless = []string{
	// of 2013
	"com.metamx.aws.accessKey", "com.metamx.aws.secretKey", "com.metamx.emitter.http", "com.metamx.emitter.http.url",
	"com.metamx.metrics.emitter.period", "druid.monitoring.monitorSystem", "druid.request.logging.dir",
	"druid.database.segmentTable", "druid.database.ruleTable", "druid.database.configTable", "druid.database.user",
	"druid.database.password", "druid.database.connectURI", "druid.master.startDelay", "druid.master.period",
	"druid.master.removedSegmentLifetime", "druid.master.merger.on", "druid.master.conversion.on", "druid.merger.threads",
	"druid.processing.formatString", "druid.processing.numThreads", "druid.processing.buffer.sizeBytes",
	"druid.paths.indexCache", "druid.paths.segmentInfoCache", "druid.server.maxSize", "druid.client.http.connections",
	"druid.storage.local", "druid.pusher.local", "druid.pusher.s3.bucket", "druid.pusher.s3.baseKey",
	// today's
	"druid.extensions.loadList", "druid.extensions.directory", "druid.extensions.hadoopDependenciesDir", "druid.startup.logging.logProperties",
	"druid.monitoring.monitors", "druid.monitoring.emissionPeriod", "druid.emitter", "druid.emitter.http.recipientBaseUrl",
	"druid.indexing.doubleStorage", "druid.indexer.logs.type", "druid.indexer.logs.directory", "druid.indexer.logs.s3Bucket",
	"druid.indexer.logs.s3Prefix", "druid.selectors.indexing.serviceName", "druid.selectors.coordinator.serviceName",
	"druid.server.http.numThreads", "druid.server.http.maxIdleTime", "druid.broker.http.maxQueuedBytes", "druid.broker.http.readTimeout",
	"druid.broker.http.numConnections", "druid.processing.numMergeBuffers", "druid.processing.tmpDir", "druid.broker.cache.useCache",
	"druid.broker.cache.populateCache", "druid.broker.cache.useResultLevelCache", "druid.broker.cache.populateResultLevelCache",
	"druid.broker.cache.resultLevelCacheLimit", "druid.historical.cache.useCache", "druid.historical.cache.populateCache", "druid.cache.type",
	"druid.cache.sizeInBytes", "druid.sql.enable", "druid.lookup.enableLookupSyncOnStartup", "druid.server.hiddenProperties",
	"druid.coordinator.startDelay", "druid.coordinator.period", "druid.coordinator.asOverlord.enabled",
	"druid.coordinator.asOverlord.overlordService", "druid.coordinator.kill.on", "druid.segmentCache.locations", "druid.segmentCache.infoDir",
	"druid.segmentCache.numLoadingThreads", "druid.server.tier", "druid.server.priority", "druid.storage.type", "druid.storage.bucket",
	"druid.storage.baseKey", "druid.storage.storageDirectory", "druid.s3.accessKey", "druid.s3.secretKey", "druid.s3.endpoint.url",
	"druid.s3.endpoint.signingRegion", "druid.s3.enablePathStyleAccess", "druid.s3.forceGlobalBucketAccessEnabled", "druid.s3.protocol",
	"druid.metadata.storage.type", "druid.metadata.storage.connector.connectURI", "druid.metadata.storage.connector.user",
	"druid.metadata.storage.connector.password", "druid.metadata.storage.connector.host", "druid.metadata.storage.connector.port",
	"druid.metadata.storage.connector.createTables", "druid.metadata.storage.tables.base", "druid.query.default.context.maxQueryMemoryBytes",
	"druid.query.default.context.timeout", "druid.server.http.defaultQueryTimeout", "druid.query.groupBy.maxMergingDictionarySize",
	"druid.query.groupBy.maxOnDiskStorage", "druid.router.http.numConnections", "druid.plaintextPort", "druid.enablePlaintextPort",
	"druid.enableTlsPort", "druid.tlsPort", "druid.escalator.type", "druid.escalator.internalClientUsername", "druid.escalator.authorizerName",
	"druid.auth.authenticatorChain", "druid.auth.authorizers", "druid.serverview.type", "druid.coordinator.loadqueuepeon.type",
	"druid.announcer.type", "druid.announcer.segmentsPerNode", "druid.announcer.maxBytesPerNode", "druid.manager.segments.pollDuration",
	"druid.manager.config.pollDuration", "druid.manager.rules.pollDuration", "druid.database.poll.duration",
}
