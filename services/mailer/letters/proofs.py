"""Mails about proofs: please approve, what was decided, what holds no longer."""

from collections.abc import Sequence
from datetime import datetime

from services.mailer.letters.letter import (
    PICTURES,
    REGISTER_PATH,
    Company,
    Letter,
    ProofCard,
    TemplateName,
    embed,
    make_letter,
)
from services.mailer.model.mails import Attachment, Picture
from services.mailer.model.recipients import Clerk, Recipient, one_line
from services.mailer.words import Value
from shared.events.approvals import ApprovalOutdated, ApprovalRecorded, ApprovalRequested, ChangesConfirmed
from shared.events.sync import File, SampleAssigned


def request_approval(
    company: Company,
    requests: Sequence[ApprovalRequested],
    recipient: Recipient,
    clerk: Clerk | None,
    *,
    invitation_ends_at: datetime | None = None,
) -> Letter:
    """Please approve: one or several proofs of one order; with the link of an invitation, if there is one."""
    pictures: list[Picture] = []
    proofs = tuple(_proof(company, request, request.preview, pictures) for request in requests)
    order_path = f"/orders/{requests[0].document_id}"
    path = (
        REGISTER_PATH if invitation_ends_at else (_path_of(requests[0]) if len(proofs) == 1 else order_path)
    )
    return make_letter(
        company,
        "approval_requested",
        recipient,
        path=path,
        clerk=clerk,
        proofs=proofs,
        pictures=pictures,
        values={
            "order_number": one_line(requests[0].order_number),
            "proof_count": len(proofs),
            "titles": ", ".join(proof.title for proof in proofs),
            "has_access": recipient.has_account,
            "is_invited": invitation_ends_at is not None,
            "expires_at": company.formats(recipient.locale).moment(invitation_ends_at),
        },
    )


def confirm_approval(
    company: Company, decision: ApprovalRecorded, recipient: Recipient, customer_name: str
) -> Letter:
    """To the clerk: what the customer decided."""
    return _decided(
        company, "approval_confirmed", decision, recipient, customer_name=customer_name, clerk=None
    )


def acknowledge_decision(
    company: Company,
    decision: ApprovalRecorded,
    recipient: Recipient,
    customer_name: str,
    clerk: Clerk | None,
) -> Letter:
    """To the customer: what he decided."""
    return _decided(
        company, "decision_receipt", decision, recipient, customer_name=customer_name, clerk=clerk
    )


def tell_outdated(
    company: Company, outdated: ApprovalOutdated, recipient: Recipient, customer_name: str
) -> Letter:
    """To the clerk: an approval holds no longer, for the order was changed."""
    proof = _proof(company, outdated, None, [])
    return make_letter(
        company,
        "approval_outdated",
        recipient,
        path=_path_of(outdated),
        values=_about_proof(proof, outdated.order_number, customer_name or outdated.customer_number)
        | {"positions": ", ".join(_changed_positions(outdated.changed))},
    )


def tell_confirmed_changes(
    company: Company,
    confirmed: ChangesConfirmed,
    recipient: Recipient,
    customer_name: str,
    clerk: Clerk | None,
) -> Letter:
    """To the customer who approved with changes: the dealer has confirmed them."""
    proof = _proof(company, confirmed, None, [])
    return make_letter(
        company,
        "changes_confirmed",
        recipient,
        path=_path_of(confirmed),
        clerk=clerk,
        values=_about_proof(proof, confirmed.order_number, customer_name or confirmed.customer_number)
        | {
            "confirmed_by": one_line(confirmed.clerk_name),
            "confirmed_at": company.formats(recipient.locale).moment(confirmed.confirmed_at),
        },
    )


def tell_waiting_sample(company: Company, assigned: SampleAssigned, recipient: Recipient) -> Letter:
    """To the clerk who assigned it: the customer has not got it, for its order is not known."""
    return make_letter(
        company,
        "sample_waits",
        recipient,
        path="/desk",
        values={
            "order_number": one_line(assigned.order_number),
            "title": one_line(assigned.title) or one_line(assigned.file.name),
            "version": assigned.version,
            "positions": one_line(", ".join(assigned.position_numbers)),
            "assigned_at": company.formats(recipient.locale).moment(assigned.assigned_at),
        },
    )


def _decided(
    company: Company,
    template: TemplateName,
    decision: ApprovalRecorded,
    recipient: Recipient,
    *,
    customer_name: str,
    clerk: Clerk | None,
) -> Letter:
    record = decision.record
    proof = _proof(company, decision, None, [])
    about = _about_proof(proof, decision.order_number, customer_name or decision.customer_number)
    return make_letter(
        company,
        template,
        recipient,
        path=_path_of(decision),
        clerk=clerk,
        values=about
        | {
            "decision": decision.decision,
            "person": one_line(decision.person_name),
            "decided_at": company.formats(recipient.locale).moment(decision.decided_at),
            "record": one_line(record.name),
        },
        comment=decision.comment.strip(),
        attachments=(Attachment(record.sha256, record.name, record.media_type),),
    )


def _about_proof(proof: ProofCard, order_number: str, customer_name: str) -> dict[str, Value]:
    return {
        "order_number": one_line(order_number),
        "title": proof.title,
        "version": proof.version,
        "customer": one_line(customer_name),
    }


def _changed_positions(changed: Sequence[str]) -> list[str]:
    """The numbers in what approvals tells ("2/quantity"); "customer" is about no position."""
    return list(dict.fromkeys(one.partition("/")[0] for one in changed if "/" in one))


_AboutProof = ApprovalRequested | ApprovalRecorded | ApprovalOutdated | ChangesConfirmed


def _path_of(told: _AboutProof) -> str:
    return f"/proofs/{told.version_id}"


def _proof(
    company: Company,
    told: _AboutProof,
    preview: File | None,
    pictures: list[Picture],
) -> ProofCard:
    picture = ""
    if len(pictures) < PICTURES:
        picture = embed(preview, f"proof-{len(pictures) + 1}", pictures)
    return ProofCard(
        title=one_line(told.title) or one_line(told.file_name),
        version=told.version,
        position_numbers=told.position_numbers,
        url=company.url(_path_of(told)),
        picture=picture,
    )
