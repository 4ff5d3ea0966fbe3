"""Addresses of the learner's work and of judging."""

from django.urls import path

from insignia.web.assessment import files, learning, marking

urlpatterns = [
    path("my/work", learning.my_work_list, name="my_work"),
    path("my/work/start/<uuid:version_id>", learning.work_start, name="work_start"),
    path("my/work/<uuid:submission_id>", learning.work, name="work"),
    path("my/work/<uuid:submission_id>/hand-in", learning.hand_in, name="work_hand_in"),
    path("my/work/<uuid:submission_id>/withdraw", learning.withdraw, name="work_withdraw"),
    path("my/work/<uuid:submission_id>/revise", learning.revise, name="work_revise"),
    path("my/work/<uuid:submission_id>/remove/<uuid:item_id>", learning.remove, name="work_remove"),
    path("my/work/<uuid:submission_id>/receipt/<int:number>", learning.receipt, name="work_receipt"),
    path("my/work/<uuid:submission_id>/decision/<int:number>", learning.decision, name="work_decision"),
    path("work-files/<uuid:item_id>", files.work_file, name="work_file"),
    path("assess", marking.queue, name="queue"),
    path("assess/next", marking.judge_next, name="judge_next"),
    path("assess/done", marking.done, name="queue_done"),
    path("assess/take/<uuid:submission_id>", marking.take, name="queue_take"),
    path("assess/<uuid:assignment_id>", marking.mark, name="marking"),
    path("assess/<uuid:assignment_id>/lock", marking.lock, name="marking_lock"),
    path("assess/<uuid:assignment_id>/return", marking.give_back, name="marking_return"),
    path("assess/<uuid:assignment_id>/release", marking.release, name="marking_release"),
]
