// Settings of [Service] and similar that take nothing away from a service that strace could see: how it is started, stopped, logged,
// weighed. A setting that is neither here nor modelled is reported as unknown, never silently taken as harmless.
// Source: `systemd --dump-configuration-items` of systemd 247, 252, 257 and 262; systemd.exec(5), systemd.service(5), systemd.kill(5),
// systemd.resource-control(5).

const NAMES = `
  PIDFile RestartSec TimeoutSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec
  RuntimeRandomizedExtraSec WatchdogSec StartLimitInterval StartLimitIntervalSec StartLimitBurst StartLimitAction FailureAction RebootArgument Type ExitType
  Restart RemainAfterExit GuessMainPID RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus NonBlocking BusName
  FileDescriptorStoreMax NotifyAccess Sockets USBFunctionDescriptors USBFunctionStrings OOMPolicy WorkingDirectory Nice OOMScoreAdjust
  CoredumpFilter IOSchedulingClass IOSchedulingPriority CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork CPUAffinity
  NUMAPolicy NUMAMask UMask Environment EnvironmentFile PassEnvironment UnsetEnvironment RemoveIPC StandardInput StandardOutput
  StandardError StandardInputText StandardInputData TTYPath TTYReset TTYVHangup TTYVTDisallocate TTYRows TTYColumns SyslogIdentifier
  SyslogFacility SyslogLevel SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields LogNamespace TimerSlackNSec
  KeyringMode SystemCallLog LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC LimitMEMLOCK
  LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE LimitRTPRIO LimitRTTIME ExecSearchPath PrivateMounts RuntimeDirectoryPreserve
  RuntimeDirectoryMode StateDirectoryMode CacheDirectoryMode LogsDirectoryMode ConfigurationDirectoryMode TimeoutCleanSec IgnoreSIGPIPE
  UtmpIdentifier UtmpMode Slice AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes CPUAccounting CPUWeight
  StartupCPUWeight CPUShares StartupCPUShares CPUQuota CPUQuotaPeriodSec MemoryAccounting MemoryMin DefaultMemoryMin DefaultMemoryLow
  MemoryLow MemoryHigh MemoryMax MemorySwapMax MemoryLimit IOAccounting IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax
  IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec BlockIOAccounting BlockIOWeight StartupBlockIOWeight
  BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth TasksAccounting TasksMax Delegate DisableControllers IPAccounting
  ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit ManagedOOMPreference SendSIGKILL SendSIGHUP KillMode KillSignal
  RestartKillSignal FinalKillSignal WatchdogSignal ExecCondition ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost
  Group SupplementaryGroups PermissionsStartOnly
  RestartSteps RestartMaxDelaySec RestartRandomizedDelaySec RestartMode FileDescriptorStorePreserve LUOSession OpenFile ReloadSignal RefreshOnReload ExecReloadPost
  SetLoginEnvironment LogFilterPatterns StateDirectoryAccounting StateDirectoryQuota CacheDirectoryAccounting CacheDirectoryQuota LogsDirectoryAccounting
  LogsDirectoryQuota CPUSetPartition DefaultStartupMemoryLow StartupMemoryLow StartupMemoryHigh StartupMemoryMax StartupMemorySwapMax MemoryZSwapMax
  StartupMemoryZSwapMax MemoryZSwapWriteback DelegateSubgroup ManagedOOMMemoryPressureDurationSec ManagedOOMMemoryPressureLimitPercent OOMRules
  MemoryPressureThresholdSec MemoryPressureWatch CPUPressureThresholdSec CPUPressureWatch IOPressureThresholdSec IOPressureWatch NFTSet CoredumpReceive
  BPFDelegateCommands BPFDelegateMaps BPFDelegatePrograms BPFDelegateAttachments
`;

/** Does this setting leave alone whatever strace can see? */
export const OTHER_SETTINGS: ReadonlySet<string> = new Set(NAMES.trim().split(/\s+/));
