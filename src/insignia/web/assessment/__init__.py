"""The learner's work and the assessor's pages.

learning    my work, handing in, the decision    marking   queue, judging, locking
files       a piece of evidence                  tasks     what waits, for the start page
forms       what came from a page                words     the domain's sentences, in both languages
kept        what was typed outlives the sign-in it was typed under
"""
