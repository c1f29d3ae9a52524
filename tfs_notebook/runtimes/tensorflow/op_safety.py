"""Which ops reach beyond a model: into files, other processes, the network, this process.

Every op that TensorFlow registers has been judged; those that are not named here compute,
or keep what they keep in memory. A test holds the two lists against ``TF_GetAllOpList``, so
that the ops of another TensorFlow are looked at before it is used. Ops of one's own
libraries are not judged: whoever loads a library has decided already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tfs_notebook.wire.messages import NodeDef

__all__ = ["CHECKPOINT_READERS", "TABLES_OF_FILES", "UNSAFE_OPS", "unsafe_deed"]

_READS: Final = "reads files"
_WRITES: Final = "writes files"
_NETWORK: Final = "talks to other processes"
_PYTHON: Final = "runs Python code of this process"
_NATIVE: Final = "calls native code by its name"
_UNREAD: Final = "runs a graph that is not part of the model"
_HARDWARE: Final = "governs the processes of a TPU system"
_ENDS: Final = "ends the process"


def _all(deed: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), deed)


CHECKPOINT_READERS: Final = frozenset({"Restore", "RestoreSlice", "RestoreV2"})
"""Ops that a SavedModel's own restore op may use, to have its variables."""

TABLES_OF_FILES: Final = frozenset(
    {"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"}
)
"""Ops that a SavedModel's own initialisation may use on a file of its ``assets/``."""

UNSAFE_OPS: Final[Mapping[str, str]] = {
    **_all(
        _READS,
        """
        CSVDataset CSVDatasetV2 CacheDataset CacheDatasetV2 DTensorRestoreV2 DecodeProtoV2
        EncodeProto ExperimentalCSVDataset ExperimentalLMDBDataset
        ExperimentalMatchingFilesDataset ExperimentalSqlDataset FixedLengthRecordDataset
        FixedLengthRecordDatasetV2 FixedLengthRecordReader FixedLengthRecordReaderV2
        FixedUnigramCandidateSampler GenerateVocabRemapping ImmutableConst
        InitializeTableFromTextFile InitializeTableFromTextFileV2 LMDBDataset LMDBReader
        ListSnapshotChunksDataset LoadAndRemapMatrix LoadDataset MatchingFiles
        MatchingFilesDataset ReadFile RecordInput Restore RestoreSlice RestoreV2 Skipgram
        SnapshotChunkDataset SnapshotDataset SnapshotDatasetReader SnapshotDatasetV2
        SnapshotNestedDatasetReader SqlDataset TFRecordDataset TFRecordDatasetV2
        TFRecordReader TFRecordReaderV2 TextLineDataset TextLineReader TextLineReaderV2
        WholeFileReader WholeFileReaderV2
        """,
    ),
    **_all(
        _WRITES,
        """
        CalibrationStatisticsSaver CloseSummaryWriter Copy CopyHost CreateSummaryDbWriter
        CreateSummaryFileWriter DatasetToTFRecord DebugIdentity DebugIdentityV2
        DebugIdentityV3 DebugNanCount DebugNumericSummary DumpTensor
        ExperimentalDatasetToTFRecord FlushSummaryWriter ImportEvent MergeV2Checkpoints
        PrintV2 Save SaveDataset SaveDatasetV2 SaveSlices SaveV2
        StatsAggregatorSetSummaryWriter StoreMinibatchStatisticsInFdo SummaryWriter
        WriteAudioSummary WriteFile WriteGraphSummary WriteHistogramSummary
        WriteImageSummary WriteRawProtoSummary WriteScalarSummary WriteSummary
        """,
    ),
    **_all(
        _NETWORK,
        """
        CollectiveAllToAllV2 CollectiveAllToAllV3 CollectiveAssignGroupV2
        CollectiveBcastRecv CollectiveBcastRecvV2 CollectiveBcastSend
        CollectiveBcastSendV2 CollectiveGather CollectiveGatherV2
        CollectiveInitializeCommunicator CollectivePermute CollectiveReduce
        CollectiveReduceScatterV2 CollectiveReduceV2 CollectiveReduceV3
        DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4
        DeleteRpcFutureResource DistributedSave FileSystemSetConfiguration NcclAllReduce
        NcclBroadcast NcclReduce Recv RegisterDataset RegisterDatasetV2 RemoteCall RpcCall
        RpcCheckStatus RpcClient RpcGetValue RpcServer RpcServerRegister RpcServerStart
        Send XlaHostCompute XlaRecv XlaRecvFromHost XlaSend XlaSendToHost _HostRecv
        _HostSend _NcclBroadcastRecv _NcclBroadcastSend _NcclReduceRecv _NcclReduceSend
        _Recv _Send _XlaHostComputeMlir _XlaRecvAtHost _XlaRecvAtHostV2 _XlaSendFromHost
        _XlaSendFromHostV2
        """,
    ),
    **_all(_PYTHON, "EagerPyFunc PyFunc PyFuncStateless"),
    **_all(_NATIVE, "XlaCustomCall XlaCustomCallV2"),
    **_all(_UNREAD, "DatasetFromGraph DeserializeIterator MlirPassthroughOp _TPUCompileMlir"),
    **_all(
        _HARDWARE,
        """
        ConfigureAndInitializeGlobalTPU ConfigureDistributedTPU ConfigureTPUEmbedding
        ConfigureTPUEmbeddingHost ConnectTPUEmbeddingHosts DTensorSetGlobalTPUArray
        ShutdownDistributedTPU ShutdownTPUSystem WorkerHeartbeat _ConfigureDistributedTPU
        _DisconnectHostFromDistributedTPUSystem _InitializeHostForDistributedTPU
        _SetGlobalTPUArray _ShutdownDistributedTPU _WaitForDistributedTPU
        """,
    ),
    **_all(_ENDS, "Abort"),
}
"""What an op does that no computation does, by its name."""

_OWN_DESCRIPTORS: Final = (b"local://", b"bytes://")
_TO_FILE: Final = b"file://"


def unsafe_deed(node: NodeDef) -> str | None:
    """What the node does beyond computing, if anything; some do so by their attributes only."""
    deed = UNSAFE_OPS.get(node.op)
    if deed is None:
        return None
    if node.op == "PrintV2":
        return deed if node.attr["output_stream"].s.lower().startswith(_TO_FILE) else None
    if node.op.startswith("Debug"):
        return deed if any(node.attr["debug_urls"].list.s) else None
    if node.op.startswith("Copy"):
        return deed if any(node.attr["debug_ops_spec"].list.s) else None
    if node.op in ("DecodeProtoV2", "EncodeProto"):
        source = node.attr["descriptor_source"].s
        return deed if source and not source.startswith(_OWN_DESCRIPTORS) else None
    if node.op == "FixedUnigramCandidateSampler":
        return deed if node.attr["vocab_file"].s else None
    return deed
