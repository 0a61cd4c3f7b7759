"""In which order a message's elements stand, as the schemas of the standard have them.

At *happened*, beside tree.py. In: the name of a message and of an element in it. Out: the places
that its children have there. The schemas are sequences, so ``CreDtTm`` ahead of ``MsgId`` is no
message, however whole it looks; of a choice one alternative stands there. JSON has no order.

The table is drawn up from the message definitions that ISO 20022 publishes; versions add elements
and move none of these. What it does not name (an element of a later version, ``SplmtryData``) may
stand anywhere. An element whose name means two things has a row for each message: ``PmtRtr.TxInf``.
"""

from __future__ import annotations

from typing import Final

_AGENTS: Final = " ".join(
    f"{name} {name}Acct" for name in ("IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3")
)
_EARLIER_AGENTS: Final = " ".join(
    f"{name} {name}Acct"
    for name in ("PrvsInstgAgt", "PrvsInstgAgt1", "PrvsInstgAgt2", "PrvsInstgAgt3")
)
_ORIGINAL: Final = "OrgnlGrpInf OrgnlInstrId OrgnlEndToEndId OrgnlTxId"

_SEQUENCES: Final = f"""
CstmrCdtTrfInitn: GrpHdr PmtInf SplmtryData
CstmrCdtTrfInitn.GrpHdr: MsgId CreDtTm Authstn NbOfTxs CtrlSum InitgPty FwdgAgt
CstmrCdtTrfInitn.PmtInf: PmtInfId PmtMtd BtchBookg NbOfTxs CtrlSum PmtTpInf ReqdExctnDt
    PoolgAdjstmntDt Dbtr DbtrAcct DbtrAgt DbtrAgtAcct InstrForDbtrAgt UltmtDbtr ChrgBr ChrgsAcct
    ChrgsAcctAgt CdtTrfTxInf
CstmrCdtTrfInitn.CdtTrfTxInf: PmtId PmtTpInf Amt XchgRateInf ChrgBr ChqInstr UltmtDbtr {_AGENTS}
    CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr InstrForCdtrAgt InstrForDbtrAgt Purp RgltryRptg
    Tax RltdRmtInf RmtInf SplmtryData

CdtrPmtActvtnReq: GrpHdr PmtInf SplmtryData
CdtrPmtActvtnReq.GrpHdr: MsgId CreDtTm NbOfTxs CtrlSum InitgPty
CdtrPmtActvtnReq.PmtInf: PmtInfId PmtMtd ReqdExctnDt Dbtr DbtrAcct DbtrAgt UltmtDbtr ChrgBr
    CdtTrfTx
CdtrPmtActvtnReq.CdtTrfTx: PmtId PmtTpInf Amt ChrgBr ChqInstr UltmtDbtr {_AGENTS} CdtrAgt
    CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr InstrForCdtrAgt Purp RgltryRptg Tax RltdRmtInf RmtInf

FIToFICstmrCdtTrf: GrpHdr CdtTrfTxInf SplmtryData
FIToFICstmrCdtTrf.GrpHdr: MsgId CreDtTm BtchBookg NbOfTxs CtrlSum TtlIntrBkSttlmAmt IntrBkSttlmDt
    SttlmInf PmtTpInf InstgAgt InstdAgt
FIToFICstmrCdtTrf.CdtTrfTxInf: PmtId PmtTpInf IntrBkSttlmAmt IntrBkSttlmDt SttlmPrty SttlmTmIndctn
    SttlmTmReq AccptncDtTm PoolgAdjstmntDt InstdAmt XchgRate ChrgBr ChrgsInf {_EARLIER_AGENTS}
    InstgAgt InstdAgt {_AGENTS} UltmtDbtr InitgPty Dbtr DbtrAcct DbtrAgt DbtrAgtAcct CdtrAgt
    CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr InstrForCdtrAgt InstrForNxtAgt Purp RgltryRptg Tax
    RltdRmtInf RmtInf SplmtryData

FIToFIPmtStsRpt: GrpHdr OrgnlGrpInfAndSts TxInfAndSts SplmtryData
FIToFIPmtStsRpt.GrpHdr: MsgId CreDtTm InstgAgt InstdAgt
FIToFIPmtStsRpt.TxInfAndSts: StsId {_ORIGINAL} OrgnlUETR TxSts StsRsnInf ChrgsInf AccptncDtTm
    FctvIntrBkSttlmDt AcctSvcrRef ClrSysRef InstgAgt InstdAgt OrgnlTxRef SplmtryData

PmtRtr: GrpHdr OrgnlGrpInf TxInf SplmtryData
PmtRtr.GrpHdr: MsgId CreDtTm Authstn BtchBookg NbOfTxs CtrlSum GrpRtr TtlRtrdIntrBkSttlmAmt
    IntrBkSttlmDt SttlmInf InstgAgt InstdAgt
PmtRtr.TxInf: RtrId {_ORIGINAL} OrgnlUETR OrgnlClrSysRef OrgnlIntrBkSttlmAmt OrgnlIntrBkSttlmDt
    PmtTpInf RtrdIntrBkSttlmAmt IntrBkSttlmDt SttlmPrty SttlmTmIndctn SttlmTmReq RtrdInstdAmt
    XchgRate CompstnAmt ChrgBr ChrgsInf ClrSysRef InstgAgt InstdAgt RtrChain RtrRsnInf OrgnlTxRef
    SplmtryData
RtrRsnInf: Orgtr Rsn AddtlInf

FIToFIPmtCxlReq: Assgnmt Case CtrlData Undrlyg SplmtryData
Undrlyg: OrgnlGrpInfAndCxl TxInf
FIToFIPmtCxlReq.TxInf: CxlId Case {_ORIGINAL} OrgnlUETR OrgnlClrSysRef OrgnlIntrBkSttlmAmt
    OrgnlIntrBkSttlmDt Assgnr Assgne CxlRsnInf OrgnlTxRef SplmtryData
CxlRsnInf: Orgtr Rsn AddtlInf

RsltnOfInvstgtn: Assgnmt RslvdCase Sts CxlDtls ModDtls ClmNonRctDtls StmtDtls CrrctnTx RsltnRltdInf
    SplmtryData
CxlDtls: OrgnlGrpInfAndSts OrgnlPmtInfAndSts TxInfAndSts
RsltnOfInvstgtn.TxInfAndSts: CxlStsId RslvdCase {_ORIGINAL} OrgnlClrSysRef OrgnlUETR TxCxlSts
    CxlStsRsnInf RsltnRltdInf OrgnlIntrBkSttlmAmt OrgnlIntrBkSttlmDt Assgnr Assgne OrgnlTxRef
CxlStsRsnInf: Orgtr Rsn AddtlInf
RsltnRltdInf: EndToEndId TxId UETR IntrBkSttlmAmt IntrBkSttlmDt ClrChanl Compstn Chrgs

Assgnmt: Id Assgnr Assgne CreDtTm
RslvdCase: Id Cretr ReopCaseIndctn
FIToFICstmrCdtTrf.PmtId: InstrId EndToEndId TxId UETR ClrSysRef
PmtId: InstrId EndToEndId UETR
PmtTpInf: InstrPrty ClrChanl SvcLvl LclInstrm SeqTp CtgyPurp
EqvtAmt: Amt CcyOfTrf
OrgnlTxRef: IntrBkSttlmAmt Amt IntrBkSttlmDt ReqdColltnDt ReqdExctnDt CdtrSchmeId SttlmInf PmtTpInf
    PmtMtd MndtRltdInf RmtInf UltmtDbtr Dbtr DbtrAcct DbtrAgt DbtrAgtAcct CdtrAgt CdtrAgtAcct Cdtr
    CdtrAcct UltmtCdtr Purp
Dbtr: Nm PstlAdr Id CtryOfRes CtctDtls
CtctDtls: NmPrfx Nm PhneNb MobNb FaxNb EmailAdr
DbtrAcct: Id Tp Ccy Nm Prxy
CdtrAcct: Id Tp Ccy Nm Prxy
Othr: Id SchmeNm Issr
DbtrAgt: FinInstnId BrnchId
CdtrAgt: FinInstnId BrnchId
FinInstnId: BICFI BIC ClrSysMmbId LEI Nm PstlAdr Othr
ClrSysMmbId: ClrSysId MmbId
"""

_CHOICES: Final = """
Amt: InstdAmt EqvtAmt
Id: IBAN Othr
Purp: Cd Prtry
CtgyPurp: Cd Prtry
Rsn: Cd Prtry
Sts: Conf RjctdMod DplctOf AssgnmtCxlConf
"""

Places = dict[str, int]


def _rows(table: str) -> dict[str, tuple[str, ...]]:
    """The names behind each name."""
    rows: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in table.splitlines():
        head, colon, tail = line.partition(":")
        if colon:
            name, rows[head] = head, tuple(tail.split())
        elif line.strip():
            rows[name] += tuple(line.split())
    return rows


_PLACES: Final[dict[str, Places]] = {
    name: {child: at for at, child in enumerate(children)}
    for name, children in _rows(_SEQUENCES).items()
}
_ALTERNATIVES: Final[dict[str, frozenset[str]]] = {
    name: frozenset(children) for name, children in _rows(_CHOICES).items()
}
_NOWHERE: Final[Places] = {}
_NONE: Final[frozenset[str]] = frozenset()


def places_in(message: str, element: str) -> Places:
    """The place of each child that is named, in an element of a message; of others nothing."""
    places = _PLACES.get(f"{message}.{element}")
    return _PLACES.get(element, _NOWHERE) if places is None else places


def alternatives_in(element: str) -> frozenset[str]:
    """The children of which no two stand in this element together."""
    return _ALTERNATIVES.get(element, _NONE)
