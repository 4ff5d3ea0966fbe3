"""Count what a run left behind: exactly one of everything for each row, or the rate means nothing."""

from __future__ import annotations

from benchmarks.inside.step import begin, end


def main() -> None:
    """Count."""
    begin()
    from insignia.audit.models import AuditEntry
    from insignia.awards.models import Award, AwardDocument
    from insignia.issuing.models import Reservation, StatusSlot
    from insignia.outbox.models import Message

    end(
        {
            "awards": Award.objects.filter(state="issued").count(),
            "documents": AwardDocument.objects.count(),
            "reservations": Reservation.objects.filter(state="finished").count(),
            "slots": StatusSlot.objects.filter(state="issued").count(),
            "recorded": AuditEntry.objects.filter(action="award.issued").count(),
            "mails": Message.objects.filter(kind="award-issued").count(),
            "unnumbered": AuditEntry.objects.filter(link__isnull=True).count(),
        }
    )


if __name__ == "__main__":
    main()
