"""What do people call the kinds and states of a report?"""

from collections.abc import Mapping

from gis.reports.model import Kind, Status

KINDS: Mapping[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    **dict.fromkeys(("建议", "意见", "意见建议"), Kind.SUGGESTION),
    **dict.fromkeys(("纠纷", "矛盾纠纷", "矛盾", "调解"), Kind.DISPUTE),
    **dict.fromkeys(
        ("诉求", "求助", "投诉", "咨询", "服务", "service request", "request"), Kind.SERVICE_REQUEST
    ),
    **dict.fromkeys(("事件", "案件", "事故", "隐患"), Kind.INCIDENT),
}
STATUSES: Mapping[str, Status] = {
    **{status.value: status for status in Status},
    **dict.fromkeys(("已办结", "办结", "已处理", "已完成", "完成", "done"), Status.CLOSED),
    **dict.fromkeys(
        ("办理中", "处理中", "未办结", "待办理", "待处理", "未处理", "pending"), Status.OPEN
    ),
}
